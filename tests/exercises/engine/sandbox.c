/*
 * sandbox.c: see sandbox.h. No single layer has to hold alone: namespaces where the system has
 * them, a user id of its own where root grades, limits, filters, a session that is killed in one
 * call, and a search for every process that left it.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "creations.h"
#include "filter.h"
#include "judge.h"
#include "landlock.h"
#include "namespaces.h"
#include "procfs.h"
#include "sanitized.h"

/* Nothing of the grader's. */
char *const sandbox_environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp",
                                     "TMPDIR=/tmp", "LC_ALL=C", NULL};

static struct identity identity;
static rlim_t process_limit;
static bool no_namespaces; /* they have been tried */

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

static void limit_judge(void)
{
    LIMIT(RLIMIT_CORE, 0);
    LIMIT(RLIMIT_CPU, 300);
    LIMIT(RLIMIT_NOFILE, 4096);
    if (!SANITIZED)
        LIMIT(RLIMIT_DATA, SANDBOX_MEMORY);
}

static void limit_program(void)
{
    LIMIT(RLIMIT_CPU, 20);
    LIMIT(RLIMIT_FSIZE, 8 * SANDBOX_OUTPUT);
    LIMIT(RLIMIT_NOFILE, DESCRIPTOR_ROOM);
    LIMIT(RLIMIT_NPROC, process_limit);
    LIMIT(RLIMIT_MSGQUEUE, 0);
    if (!SANITIZED)
        LIMIT(RLIMIT_DATA, SANDBOX_MEMORY);
}

void sandbox_enter(const struct identity *chosen)
{
    identity = *chosen;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        broken("cannot adopt orphans: %s", strerror(errno));
    if (identity_become_judge(&identity) != 0)
        broken("cannot change the user id: %s", strerror(errno));
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no other process reads this one's memory */
    limit_judge();
    process_limit = processes_of(identity.student) + 4 * SANDBOX_PROCESSES;
    if (chdir("/") != 0)
        broken("cannot go to /: %s", strerror(errno));
}

void sandbox_reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int signal_number = 1; signal_number < 65; signal_number++)
        signal(signal_number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

struct start {
    int program;
    const char *address;
    int streams[3];
    int status;          /* the init's end of the socket */
    pid_t judge, author; /* the judge's process, and its parent */
    bool namespaces;
};

static void protect_judge(const struct start *start)
{
    pid_t init = getppid();
    pid_t pids[] = {init, start->judge, start->author, getpgid(start->author)};
    filter_program(pids, start->namespaces ? 1 : 4, SANITIZED);
}

/* The kernel tells the judge this process's id. With it goes the descriptor for reports. */
static bool announce(int to, int reports)
{
    char byte = 0;
    union {
        struct cmsghdr first;
        char room[CMSG_SPACE(sizeof reports)];
    } control = {.room = {0}};
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (reports >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *one = CMSG_FIRSTHDR(&message);
        *one = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                .cmsg_type = SCM_RIGHTS,
                                .cmsg_len = CMSG_LEN(sizeof reports)};
        memcpy(CMSG_DATA(one), &reports, sizeof reports);
    }
    bool good = sendmsg(to, &message, 0) == 1;
    if (reports >= 0)
        close(reports);
    return good;
}

/* In place of namespaces. What the kernel does not have, it does not have. */
static int fence_in(const struct start *start)
{
    static const char *const writable[] = {"/tmp", "/var/tmp", "/dev/shm", NULL};
    if (start->namespaces)
        return -1;
    (void)landlock_enter(writable, start->program);
    return creations_report();
}

static _Noreturn void become_program(const struct start *start)
{
    char name[] = "program", *argv[] = {name, strdup(start->address), NULL};
    sandbox_reset_signals();
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    if (identity_become_student(&identity) != 0)
        _exit(98);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (setsid() < 0 || !announce(start->status, fence_in(start)))
        _exit(98);
    limit_program();
    for (int i = 0; i < 3; i++)
        if (dup2(start->streams[i], i) < 0)
            _exit(98);
    protect_judge(start);
    fexecve(start->program, argv, sandbox_environment);
    fprintf(stderr, "cannot run the program: %s\n", strerror(errno));
    _exit(98);
}

/* The judge's own descriptors are not for the program, and not for its first process. */
static void close_others(const struct start *start)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(getpid(), list);
    for (size_t i = 0; i < count; i++) {
        int file = list[i].number;
        bool needed = file == start->program || file == start->status;
        for (int k = 0; k < 3; k++)
            needed = needed || file == start->streams[k];
        if (!needed)
            close(file);
    }
}

/* Starts the program, reaps what it leaves, and stays until the judge ends it. */
static _Noreturn void become_init(const struct start *start)
{
    int status;
    sandbox_reset_signals();
    close_others(start);
    if (start->namespaces && !namespaces_enter(&identity))
        _exit(99);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    setsid();
    pid_t driver = fork();
    if (driver == 0)
        become_program(start);
    for (int i = 0; i < 3; i++)
        close(start->streams[i]);
    if (driver < 0)
        _exit(98);
    for (;;) {
        pid_t pid = wait(&status);
        if (pid == driver)
            (void)!send(start->status, &status, sizeof status, MSG_NOSIGNAL);
        if (pid < 0 && errno == ECHILD)
            pause();
    }
}

/* The first message comes from the driver, just before it becomes the program. */
static pid_t await_driver(int status)
{
    char byte, room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    int reports = -1;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = room,
                             .msg_controllen = sizeof room};
    struct ucred from = {.pid = -1};
    struct timeval patience = {.tv_sec = 20};
    setsockopt(status, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (recvmsg(status, &message, MSG_CMSG_CLOEXEC) != 1)
        return -1;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL;
         one = CMSG_NXTHDR(&message, one))
        if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_CREDENTIALS)
            memcpy(&from, CMSG_DATA(one), sizeof from);
        else if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_RIGHTS)
            memcpy(&reports, CMSG_DATA(one), sizeof reports);
    creations_listen(reports);
    return from.pid > 0 ? from.pid : -1;
}

static struct sandbox try_start(struct start *start)
{
    struct sandbox sandbox = {.driver = -1};
    int ends[2];
    const int on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
        setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        broken("cannot make a socket: %s", strerror(errno));
    start->status = ends[1];
    sandbox.status = ends[0];
    sandbox.init = start->namespaces ? namespaces_fork() : fork();
    if (sandbox.init == 0) {
        close(ends[0]);
        become_init(start);
    }
    close(ends[1]);
    if (sandbox.init > 0)
        sandbox.driver = await_driver(ends[0]);
    if (sandbox.driver < 0) {
        sandbox_end_all(&sandbox);
        sandbox.driver = -1; /* not started: the caller tries without namespaces */
    }
    return sandbox;
}

struct sandbox sandbox_start(int program, const char *address, int in, int out, int err)
{
    struct start start = {.program = program,
                          .address = address,
                          .streams = {in, out, err},
                          .judge = getpid(),
                          .author = getppid(),
                          .namespaces = !no_namespaces && namespaces_wanted()};
    struct sandbox sandbox = try_start(&start);
    if (sandbox.driver < 0 && start.namespaces) {
        no_namespaces = true;
        start.namespaces = false;
        sandbox = try_start(&start);
    }
    if (sandbox.driver < 0)
        broken("cannot start the program");
    return sandbox;
}

bool sandbox_ended(struct sandbox *sandbox, int *status)
{
    ssize_t count = recv(sandbox->status, status, sizeof *status, MSG_DONTWAIT);
    if (count == sizeof *status)
        return true;
    if (count == 0) { /* its init is gone, and all with it */
        *status = SIGKILL;
        return true;
    }
    return false;
}

/* Stop them before killing them: a stopped process forks no more and still counts against the
 * limit, so the number of those that run can only fall. */
static size_t signal_all(int signal_number)
{
    static struct process members[PROCESS_ROOM];
    size_t count = descendants(getpid(), members), alive = 0;
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++) {
        if (members[i].state == 'Z' ||
            (signal_number == SIGSTOP && members[i].state == 'T'))
            continue;
        kill(members[i].pid, signal_number);
        alive++;
    }
    return count > PROCESS_ROOM ? count : alive;
}

void sandbox_end_all(struct sandbox *sandbox)
{
    if (sandbox->driver > 0) /* the whole session's group in one call */
        kill(-sandbox->driver, SIGKILL);
    for (int i = 0; i < 200 && signal_all(SIGSTOP) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    if (sandbox->init > 0)
        kill(sandbox->init, SIGKILL);
    for (int i = 0; i < 2000 && signal_all(SIGKILL) > 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    if (sandbox->status > 0)
        close(sandbox->status);
    *sandbox = (struct sandbox){.init = 0};
}
