/*
 * sandbox.c: see sandbox.h. No one layer has to hold alone: a user of its own where root grades, limits,
 * filters, a session that is killed in one call, and a search for whoever left it.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "judge.h"
#include "procfs.h"

extern char **environ;

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define ADDRESS_SPACE_LIMITED 0 /* the sanitizer's own does not fit */
#else
#define ADDRESS_SPACE_LIMITED 1
#endif

static rlim_t process_limit;

/* Limits on the number of processes are no limits for root, and what a learner's mistake
 * kills or overwrites should be its own. So take a user id that nobody has. */
static void become_nobody(void)
{
    uid_t id = 50000 + (uid_t)(getpid() % 8192);
    while (getpwuid(id) != NULL)
        id++;
    if (setgroups(0, NULL) == 0 && setgid(id) == 0 && setuid(id) == 0)
        return;
    /* In a container, ids may end at 65535 or earlier. Else stay root: the other layers hold. */
    if (setgid(65534) != 0 || setuid(65534) != 0)
        errno = 0;
}

void sandbox_enter(void)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        broken("cannot adopt orphans: %s", strerror(errno));
    if (getuid() == 0)
        become_nobody();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* nobody reads our memory */
    process_limit = processes_of(getuid()) + 4 * SANDBOX_PROCESSES;
    if (chdir("/") != 0)
        broken("cannot go to /: %s", strerror(errno));
}

static void lower(struct rlimit *bound, rlim_t most)
{
    if (bound->rlim_max > most)
        bound->rlim_max = most;
    bound->rlim_cur = bound->rlim_max;
}

/* A macro: the type of the first argument is not the same in all C libraries. */
#define LIMIT(resource, most)                                                            \
    do {                                                                                 \
        struct rlimit bound;                                                             \
        if (getrlimit(resource, &bound) == 0) {                                          \
            lower(&bound, most);                                                         \
            setrlimit(resource, &bound);                                                 \
        }                                                                                \
    } while (0)

static void limit_all(void)
{
    LIMIT(RLIMIT_CORE, 0);
    LIMIT(RLIMIT_CPU, 20);
    LIMIT(RLIMIT_FSIZE, 8 * SANDBOX_OUTPUT);
    LIMIT(RLIMIT_NOFILE, DESCRIPTOR_ROOM);
    LIMIT(RLIMIT_NPROC, process_limit);
    if (ADDRESS_SPACE_LIMITED)
        LIMIT(RLIMIT_DATA, SANDBOX_MEMORY);
}

static _Noreturn void become_program(int program, const char *address, pid_t judge,
                                     const int streams[3])
{
    char name[] = "program", *argv[] = {name, strdup(address), NULL};
    sigset_t none;
    sigemptyset(&none);
    for (int signal_number = 1; signal_number < 32; signal_number++)
        signal(signal_number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != judge || setsid() < 0)
        _exit(98);
    limit_all();
    for (int i = 0; i < 3; i++)
        if (dup2(streams[i], i) < 0)
            _exit(98);
    filter_kills(judge);
    fexecve(program, argv, environ);
    fprintf(stderr, "cannot run the program: %s\n", strerror(errno));
    _exit(98);
}

pid_t sandbox_start(int program, const char *address, int in, int out, int err)
{
    pid_t judge = getpid(), pid = fork();
    if (pid < 0)
        broken("cannot fork: %s", strerror(errno));
    if (pid == 0)
        become_program(program, address, judge, (int[]){in, out, err});
    return pid;
}

/* Stop them before killing them: a stopped process forks no more and still counts against the
 * limit, so the number of those that run can only fall. */
static size_t signal_everybody(int signal_number)
{
    struct process members[PROCESS_ROOM];
    size_t count = descendants(members), alive = 0;
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++) {
        if (members[i].state == 'Z' ||
            (signal_number == SIGSTOP && members[i].state == 'T'))
            continue;
        kill(members[i].pid, signal_number);
        alive++;
    }
    return count > PROCESS_ROOM ? count : alive;
}

void sandbox_end_all(pid_t leader)
{
    if (leader > 0)
        kill(-leader,
             SIGKILL); /* the whole group in one call; forks in progress included */
    for (int i = 0; i < 200 && signal_everybody(SIGSTOP) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    for (int i = 0; i < 2000 && signal_everybody(SIGKILL) > 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}
