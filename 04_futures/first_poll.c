/*
 * first_poll.c: three children, a pipe from each. Which has something to say?
 *
 *     build/04_futures/first_poll
 *     build/04_futures/first_poll in-order     without poll(): first asked, first served
 *
 * What it can do and smallest_future.c can't: take whichever result comes first, and sleep until
 * there is one. Without poll(), a read() waits for the first child, the slowest, while the
 * answers of the others are there.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE "usage: first_poll [in-order]\n"
enum {
    CHILDREN = 3
};

static const long milliseconds[CHILDREN] = {600, 200, 400};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Start a child that sleeps, then answers; return the end of the pipe to read its answer from. */
static int start(int child)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("first_poll: cannot make a pipe");
    pid_t pid = fork();
    if (pid < 0)
        fail("first_poll: cannot fork");
    if (pid == 0) {
        struct timespec time = {0, milliseconds[child] * 1000000};
        nanosleep(&time, NULL);
        _exit(write(ends[1], &child, sizeof child) == sizeof child ? 0 : 1);
    }
    close(ends[1]);
    return ends[0];
}

/* Read an answer, wait for it if need be, and close the pipe. */
static void print_answer(int from, double begin)
{
    int child;
    if (read(from, &child, sizeof child) == sizeof child)
        printf("Child %d answers after %.1f s\n", child, now() - begin);
    close(from);
}

/* Without poll(): read() waits for the first child, then for the next one. */
static void in_order(const struct pollfd *from, double begin)
{
    for (int i = 0; i < CHILDREN; i++)
        print_answer(from[i].fd, begin);
}

static void whichever_is_first(struct pollfd *from, double begin)
{
    for (int left = CHILDREN; left > 0;) {
        if (poll(from, CHILDREN, -1) < 0) /* sleep, however long (-1) */
            fail("first_poll: cannot wait");
        for (int i = 0; i < CHILDREN; i++)
            if (from[i].revents != 0) {
                print_answer(from[i].fd, begin);
                from[i].fd = -1; /* the next poll() passes over it */
                left--;
            }
    }
}

int main(int argc, char **argv)
{
    int orderly = argc == 2 && strcmp(argv[1], "in-order") == 0;
    int help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !orderly)
        return fputs(USAGE, help ? stdout : stderr), help ? 0 : 2;

    struct pollfd from[CHILDREN];
    for (int i = 0; i < CHILDREN; i++)
        from[i] = (struct pollfd){.fd = start(i), .events = POLLIN};
    double begin = now();
    orderly ? in_order(from, begin) : whichever_is_first(from, begin);

    while (wait(NULL) > 0)
        continue;
    if (fflush(stdout) != 0)
        fail("first_poll: cannot write the output");
    return 0;
}
