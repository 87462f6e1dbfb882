/*
 * fork_split.c: ten tasks of 0.2 s, divided between two processes: 1 s instead of 2.
 *
 *     make 02_fork_split
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TASKS 10

static int failure(const char *what)
{
    fprintf(stderr, "fork_split: %s: %s\n", what, strerror(errno));
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
        fprintf(stderr,
                "fork_split: unexpected argument '%s' (usage: fork_split [--help])\n",
                argument);
        return 2;
    }
    printf(
        "usage: fork_split [--help]\nDivide ten tasks of 0.2 s between two processes.\n");
    return written() ? 0 : failure("cannot write the output");
}

/* Seconds on a clock that setting the time of day does not affect. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A signal ends a nanosleep() early; sleep what is left. */
static void sleep_ms(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* 0, or -1 with errno if the output can't be written. */
static int work_on(int first, int end)
{
    for (int task = first; task < end; task++) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        /* Each process has a buffer of its own. Flushed line by line, the lines of the two
         * appear as they are printed, also in a file or a pipe. */
        if (!written())
            return -1;
        sleep_ms(200);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return usage(argv[1]);
    double start = now();
    signal(SIGCHLD, SIG_DFL); /* as in fork.c */

    pid_t child = fork();
    if (child < 0)
        return failure("cannot fork");

    /* The one that got 0 is the child. It must not go on to the parent's part below. */
    if (child == 0)
        return work_on(TASKS / 2, TASKS) == 0 ? 0 : 1;

    int done = work_on(0, TASKS / 2), error = errno;

    /* Even if the parent's own half has failed: leave no child behind. */
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failure("cannot wait for the child");

    errno = error;
    if (done != 0)
        return failure("cannot write the output");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "fork_split: the child's half is not done\n");
        return 1;
    }
    printf("Main process done after %.2fs\n", now() - start);
    return written() ? 0 : failure("cannot write the output");
}
