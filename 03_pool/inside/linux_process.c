/*
 * linux_process.c: see linux_process.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux_process.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cancel_state.h"
#include "linux_descriptor.h"

bool signal_when_parent_ends(int signal, pid_t parent)
{
    /* If the parent ended before prctl() took effect, this process has another one by now. */
    return prctl(PR_SET_PDEATHSIG, signal) == 0 && getppid() == parent;
}

#define P_PIDFD_ ((idtype_t)3) /* not in every library's headers */

int child_descriptor(pid_t child)
{
#ifdef SYS_pidfd_open
    siginfo_t info;
    int saved = errno;
    int descriptor = descriptor_above_2((int)syscall(SYS_pidfd_open, child, 0));
    if (descriptor >= 0 &&
        waitid(P_PIDFD_, (id_t)descriptor, &info, WEXITED | WNOHANG | WNOWAIT) != 0 &&
        errno == EINVAL) {
        close(descriptor);
        descriptor = -1;
    }
    errno = saved;
    return descriptor;
#else
    (void)child;
    return -1;
#endif
}

static int wait_for(pid_t child, int *descriptor, siginfo_t *info, int options)
{
    if (*descriptor >= 0) {
        int result = waitid(P_PIDFD_, (id_t)*descriptor, info, options);
        if (result == 0 || errno != EBADF)
            return result;
        *descriptor = -1; /* the program closed it, and may use the number */
    }
    return waitid(P_PID, (id_t)child, info, options);
}

int wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options)
{
    int cancel_state = cancel_state_disable();
    int result = wait_for(child, descriptor, info, options);
    cancel_state_restore(cancel_state);
    return result;
}

static void (*first_at_exit)(int status);

#ifdef __GLIBC__
static void at_exit(int status, void *unused)
{
    (void)unused;
    first_at_exit(status);
}

/* The GNU library gives the status to every function, as a second argument. */
static void at_quick_exit_(void *unused, int status)
{
    (void)unused;
    first_at_exit(status);
}

void call_first_at_exit(void (*function)(int status))
{
    first_at_exit = function;
    on_exit(at_exit, NULL);
    (void)at_quick_exit((void (*)(void))at_quick_exit_);
}
#else
static void at_exit(void)
{
    first_at_exit(0);
}

void call_first_at_exit(void (*function)(int status))
{
    first_at_exit = function;
    atexit(at_exit);
    (void)at_quick_exit(at_exit);
}
#endif

/* Not prctl(): AddressSanitizer's takes a lock that another thread of the program may have held at
 * the fork. */
void name_this_process(const char *name)
{
    syscall(SYS_prctl, PR_SET_NAME, name, 0, 0, 0);
}

int cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more than 1024 CPUs, say */
    return online > 0 ? (int)online : 1;
}
