/*
 * reaps_children.c: run a program and check that it reaped every child it had.
 *
 *     build/tests/reaps_children PROGRAM [ARGUMENT]...
 *
 * Exits with the program's status, or with 99 if the program left a child, running or a zombie.
 * Orphans go to the nearest ancestor that is a subreaper: this program.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"

static int failure(const char *what)
{
    fprintf(stderr, "reaps_children: %s: %s\n", what, strerror(errno));
    return 98;
}

static void print_name(pid_t pid)
{
    char name[64];
    process_name(pid, name, sizeof name);
    fprintf(stderr, "reaps_children: left behind: process %ld (%s)\n", (long)pid, name);
}

/* Wait for the program, then for its orphans, which are this program's children now. */
static int watch(pid_t program)
{
    int status = -1, left = 0;
    for (;;) {
        /* WNOWAIT: the name has to be read before the process is gone. */
        siginfo_t info;
        while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0) {
            if (errno == ECHILD)
                return left > 0 ? 99 : status;
            if (errno != EINTR)
                return failure("waitid");
        }
        if (info.si_pid != program) {
            print_name(info.si_pid);
            left++;
        }
        int how;
        if (waitpid(info.si_pid, &how, 0) != info.si_pid)
            return failure("waitpid");
        if (info.si_pid == program)
            status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: reaps_children PROGRAM [ARGUMENT]...\n");
        return 98;
    }
    adopt_orphans();
    pid_t program = fork();
    if (program < 0)
        return failure("fork");
    if (program == 0) {
        execvp(argv[1], argv + 1);
        _exit(failure(argv[1]));
    }
    return watch(program);
}
