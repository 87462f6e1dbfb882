/*
 * orphans.c: see orphans.h. Not in POSIX: prctl().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "orphans.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux_proc.h"
#include "monotonic.h"

#define SECOND INT64_C(1000000000)
#define JITTER (SECOND / 1000) /* between two readings of two clocks */

/* Call act(child, argument) for each child of this thread. Nothing here allocates memory: at the
 * fork, another thread may have held a lock of the allocator. */
static void each_child(void (*act)(pid_t child, void *argument), void *argument)
{
    struct proc_file children;
    pid_t child = 0;
    proc_open(&children, "/proc/thread-self/children"); /* some kernels have none */
    for (int next; (next = proc_next(&children)) != EOF;) {
        if (next >= '0' && next <= '9') {
            child = 10 * child + (next - '0');
        } else if (child != 0) {
            act(child, argument);
            child = 0;
        }
    }
    proc_close(&children);
}

static void keep(pid_t child, void *argument)
{
    struct kept *kept = argument;
    int count = atomic_load(&kept->count);
    if (count == MOST_KEPT)
        return;
    atomic_store(&kept->pid[count], child);
    atomic_store(&kept->count, count + 1);
}

void orphans_keep(struct kept *kept)
{
    siginfo_t info;
    int saved = errno;
    if (atomic_load_explicit(&kept->count, memory_order_relaxed) != 0)
        atomic_store(&kept->count, 0);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) /* else: no children */
        each_child(keep, kept);
    errno = saved;
}

static int64_t since_boot(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

void orphans_adopt(struct orphans *orphans)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    orphans->stamp = clock_stamp();
    orphans->time = since_boot();
    orphans->spared = 0;
}

static bool is_spared(const struct orphans *orphans, pid_t pid)
{
    for (unsigned i = 0; i < orphans->spared && i < MOST_SPARED; i++)
        if (orphans->pid[i] == pid)
            return true;
    return false;
}

static void spare_one(struct orphans *orphans, pid_t pid)
{
    if (!is_spared(orphans, pid))
        orphans->pid[orphans->spared++ % MOST_SPARED] = pid;
}

/* A wild task may have written to the count. */
void orphans_spare_kept(struct orphans *orphans, struct kept *kept)
{
    int count = atomic_load(&kept->count);
    for (int i = 0; i < count && i < MOST_KEPT; i++)
        spare_one(orphans, atomic_load(&kept->pid[i]));
}

bool orphans_is_kept(struct kept *kept, pid_t pid)
{
    int count = atomic_load(&kept->count);
    for (int i = 0; i < count && i < MOST_KEPT; i++)
        if (atomic_load(&kept->pid[i]) == pid)
            return true;
    return false;
}

struct search {
    struct orphans *orphans;
    bool (*exempt)(pid_t);
    long long since; /* in the kernel's ticks */
    pid_t found;     /* 0: none */
};

static void find(pid_t child, void *argument)
{
    struct search *search = argument;
    if (search->found == 0 && !search->exempt(child) &&
        !is_spared(search->orphans, child) && process_stat(child, 22) >= search->since)
        search->found = child;
}

static long long ticks_of(const struct orphans *orphans, int64_t stamp)
{
    int64_t now = since_boot(), stamp_now = clock_stamp();
    double passed = (double)(stamp_now - orphans->stamp);
    double age = (double)(stamp_now - stamp) / passed * (double)(now - orphans->time);
    double start = (double)(now - JITTER) - age;
    return (long long)(start / 1e9 * (double)sysconf(_SC_CLK_TCK));
}

/* One at a time: when it has ended, its children are this process's, and the next search finds
 * them. */
void orphans_kill(struct orphans *orphans, int64_t since, bool (*exempt)(pid_t))
{
    struct search search = {
        .orphans = orphans, .exempt = exempt, .since = ticks_of(orphans, since)};
    for (;;) {
        search.found = 0;
        each_child(find, &search);
        if (search.found == 0)
            return;
        if (kill(search.found, SIGKILL) == 0)
            waitpid(search.found, NULL, 0);
        else
            spare_one(orphans, search.found); /* it has become another user's */
    }
}
