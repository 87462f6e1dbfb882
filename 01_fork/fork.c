/*
 * fork.c: one process becomes two.
 *
 *     make 01_fork
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failure(const char *what)
{
    fprintf(stderr, "fork: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Whether all that was printed could be written; ferror() remembers earlier failures. */
static bool written(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

static int usage(const char *argument)
{
    if (strcmp(argument, "--help") != 0) {
        fprintf(stderr, "fork: unexpected argument '%s' (usage: fork [--help])\n",
                argument);
        return 2;
    }
    printf("usage: fork [--help]\nFork once: both processes print their process id.\n");
    return written() ? 0 : failure("cannot write the output");
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return usage(argv[1]);
    /* If the shell ignores this signal, so would this program: the kernel would then forget
     * how a child ended, and waitpid() would fail. */
    signal(SIGCHLD, SIG_DFL);

    /* One process calls fork(), two return from it: with 0 in the child, with the child's
     * process id in the parent. Both go on here. */
    pid_t child = fork();
    if (child < 0)
        return failure("cannot fork");

    /* One line of the program, two lines of output. */
    printf("%ld is the %s\n", (long)getpid(), child == 0 ? "child" : "parent");
    bool good = written();
    int error = errno;

    if (child == 0)
        return good ? 0 : 1;

    /* An ended child stays in the process table, as a zombie, until its parent has asked
     * how it ended. EINTR: a signal came first, so ask again. */
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failure("cannot wait for the child");

    /* The output may go to a full disk: that is a failure, and must be reported. */
    errno = error;
    if (!good)
        return failure("cannot write the output");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "fork: the child failed\n");
        return 1;
    }
    return 0;
}
