/*
 * fork_split.c: ten tasks of 0.2 s, divided between two processes: 1 s instead of 2.
 *
 *     make 02_fork_split
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TASKS 10

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "fork_split: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Seconds on a clock that nobody can set. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void sleep_ms(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static void work_on(int first, int end)
{
    for (int task = first; task < end; task++) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        /* Each process has a buffer of its own. Flushed line by line, the lines of the two
         * appear as they are printed, also in a file or a pipe. */
        if (fflush(stdout) != 0)
            fail("cannot write the output");
        sleep_ms(200);
    }
}

static int usage(FILE *stream)
{
    fprintf(stream,
            "usage: fork_split\nDivide ten tasks of 0.2 s between two processes.\n");
    return stream == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return usage(strcmp(argv[1], "--help") == 0 ? stdout : stderr);
    double start = now();

    pid_t child = fork();
    if (child < 0)
        fail("cannot fork");

    /* The one that got 0 is the child. It must not go on to the parent's part below. */
    if (child == 0) {
        work_on(TASKS / 2, TASKS);
        return 0;
    }
    work_on(0, TASKS / 2);

    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("cannot wait for the child");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "fork_split: the child's half is not done\n");
        return 1;
    }
    printf("Main process done after %.2fs\n", now() - start);
    if (fflush(stdout) != 0)
        fail("cannot write the output");
    return 0;
}
