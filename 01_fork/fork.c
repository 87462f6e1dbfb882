/*
 * fork.c: one process becomes two.
 *
 *     make 01_fork
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Say what went wrong, and end. */
static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "fork: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Output that can't be written is a failure too: a full disk, say. */
static void flush_output(void)
{
    if (fflush(stdout) != 0)
        fail("cannot write the output");
}

static int usage(FILE *stream)
{
    fprintf(stream, "usage: fork\nFork once: both processes print their process id.\n");
    return stream == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return usage(strcmp(argv[1], "--help") == 0 ? stdout : stderr);

    /* One process calls fork(), two return from it: with 0 in the child, with the child's
     * process id in the parent. */
    pid_t child = fork();
    if (child < 0)
        fail("cannot fork");

    if (child == 0) {
        printf("%ld is the child\n", (long)getpid());
        flush_output();
        return 0;
    }

    printf("%ld is the parent\n", (long)getpid());
    flush_output();

    /* An ended child stays in the process table, as a zombie, until its parent has asked
     * how it ended. */
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("cannot wait for the child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
