/*
 * confine.c: run a command that reads a learner's file, a compiler say, where it can read
 * nothing of the grader's and harm nothing.
 *
 *     confine [--in FILE]... --out FILE -- COMMAND [ARGUMENT]...
 *
 * The command starts in an empty directory with copies of the files --in; descriptor 3 is the file
 * --out. What it leaves is removed. Ends as the command does; 124 if it took too long, 126 if
 * it could not be run.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "identity.h"
#include "landlock.h"
#include "namespaces.h"
#include "patience.h"
#include "procfs.h"
#include "sanitized.h"

#define INPUTS_MOST 64
#define SECONDS     60
#define OUT         3

struct input {
    int file;
    const char *name;
};

static struct input inputs[INPUTS_MOST];
static int input_count, output;
static char **command;
static char scratch[] = "/tmp/exercise-XXXXXX"; /* where there are no namespaces */
static struct identity identity;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
    _exit(126);
}

/* A macro: the type of the first argument is not the same in all C libraries. */
#define LIMIT(resource, most)                                                            \
    do {                                                                                 \
        struct rlimit bound;                                                             \
        if (getrlimit(resource, &bound) == 0) {                                          \
            bound.rlim_max = bound.rlim_max > (most) ? (most) : bound.rlim_max;          \
            bound.rlim_cur = bound.rlim_max;                                             \
            setrlimit(resource, &bound);                                                 \
        }                                                                                \
    } while (0)

static void limit_all(void)
{
    LIMIT(RLIMIT_CORE, 0);
    LIMIT(RLIMIT_CPU, 20);
    if (!SANITIZED)
        LIMIT(RLIMIT_AS, 3ul << 29); /* 1.5 GiB */
    LIMIT(RLIMIT_FSIZE, 64 << 20);
    LIMIT(RLIMIT_NOFILE, 256);
    LIMIT(RLIMIT_NPROC, processes_of(identity.student) + 64);
}

static void copy_input(const struct input *input)
{
    char bytes[8192];
    ssize_t count;
    int to = open(input->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        give_up(input->name);
    while ((count = read(input->file, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)count) != count)
            give_up(input->name);
    close(to);
}

/* Only the streams and the output stay open. */
static void close_others(void)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(getpid(), list);
    for (size_t i = 0; i < count; i++)
        if (list[i].number > OUT)
            close(list[i].number);
}

static _Noreturn void become_command(bool namespaces)
{
    const char *const writable[] = {scratch, NULL};
    char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                           "HOME=/tmp", "LC_ALL=C", NULL, NULL};
    static char place[PATH_MAX + 8] = "TMPDIR=";
    pid_t init = getppid();
    for (int signal_number = 1; signal_number < 65; signal_number++)
        signal(signal_number, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (int i = 0; i < input_count; i++)
        copy_input(&inputs[i]);
    if (getcwd(place + strlen(place), PATH_MAX) == NULL || dup2(output, OUT) < 0)
        give_up("the directory or the output");
    environment[3] = place;
    close_others();
    setsid();
    limit_all();
    if (!namespaces)
        (void)landlock_enter(writable, -1);
    filter_program(&init, 1, SANITIZED);
    environ = environment; /* its PATH is searched, not the caller's */
    execvp(command[0], command);
    give_up(command[0]);
}

/* Process 1 of the namespaces, if there are any: waits for the command, and takes the rest along
 * when it ends. */
static _Noreturn void become_init(bool namespaces)
{
    int status;
    if (namespaces ? !namespaces_enter(&identity) || chdir(SCRATCH) != 0
                   : identity_become_student(&identity) != 0 || chdir(scratch) != 0)
        _exit(99);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    pid_t pid = fork();
    if (pid == 0)
        become_command(namespaces);
    for (;;) {
        pid_t ended = wait(&status);
        if (ended < 0 && errno != EINTR)
            _exit(126);
        if (ended == pid)
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

static void end_descendants(void)
{
    static struct process members[PROCESS_ROOM];
    for (int i = 0; i < 2000; i++) {
        size_t count = descendants(getpid(), members), alive = 0;
        for (size_t k = 0; k < count && k < PROCESS_ROOM; k++)
            if (members[k].state != 'Z') {
                kill(members[k].pid, SIGKILL);
                alive++;
            }
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        if (alive == 0)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static int await_end(pid_t pid, const sigset_t *child)
{
    struct timespec end, now;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)patience(SECONDS);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec >= end.tv_sec)
            return 124;
        sigtimedwait(child, NULL, &(struct timespec){.tv_sec = end.tv_sec - now.tv_sec});
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Namespaces belong to the effective user that makes them. */
static pid_t fork_as_student(void)
{
    if (!identity.separate)
        return namespaces_fork();
    if (setegid(identity.student) != 0 || seteuid(identity.student) != 0)
        give_up("the user id");
    pid_t pid = namespaces_fork();
    if (pid != 0 && (seteuid(0) != 0 || setegid(0) != 0))
        give_up("the user id");
    return pid;
}

static int run(bool namespaces)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    pid_t pid = namespaces ? fork_as_student() : fork();
    if (pid == 0) {
        sigprocmask(SIG_UNBLOCK, &child, NULL);
        become_init(namespaces);
    }
    int status = pid < 0 ? 99 : await_end(pid, &child);
    end_descendants();
    identity_clean_up(&identity);
    return status;
}

/* The same without namespaces: the directory is removed by a program, as its own user. */
static int run_in_directory(void)
{
    if (mkdtemp(scratch) == NULL)
        give_up(scratch);
    if (identity.separate && chown(scratch, identity.student, identity.student) != 0)
        give_up(scratch);
    int status = run(false);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", scratch, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void open_input(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (input_count == INPUTS_MOST)
        errno = E2BIG, give_up(path);
    struct input *input = &inputs[input_count++];
    input->name = slash != NULL ? slash + 1 : path;
    input->file = open(path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0)
        give_up(path);
}

int main(int argc, char **argv)
{
    int next = 1;
    output = -1;
    for (; next + 1 < argc && strcmp(argv[next], "--") != 0; next += 2) {
        if (strcmp(argv[next], "--in") == 0)
            open_input(argv[next + 1]);
        else if (strcmp(argv[next], "--out") == 0)
            output = open(argv[next + 1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    }
    command = argv + next + 1;
    if (next >= argc || argv[next + 1] == NULL || output < 0) {
        fprintf(stderr, "usage: confine [--in FILE]... --out FILE -- COMMAND...\n");
        return 126;
    }
    identity = identity_choose();
    if (identity.separate && setgroups(0, NULL) != 0)
        give_up("the groups");
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    int status = namespaces_wanted() ? run(true) : 99;
    return status == 99 ? run_in_directory() : status;
}
