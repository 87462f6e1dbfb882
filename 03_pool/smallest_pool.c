/*
 * smallest_pool.c: a pool of worker processes whose queue is a pipe.
 *
 *     build/03_pool/smallest_pool [WORKERS [TASKS [MILLISECONDS]]]
 *
 * What it can't do, and pool.c can:
 * - submit without waiting: a full pipe blocks the writer (4 20000 1: see when all are in);
 * - lose nothing: a worker that is killed takes its task with it, and nobody knows which;
 * - bring something back: the pipe goes one way;
 * - take its workers with it: when it is killed, they go on until the pipe is empty.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE "usage: smallest_pool [WORKERS [TASKS [MILLISECONDS]]]"

static int number(const char *text, long least, long most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end != text && *end == '\0' && value >= least && value <= most)
        return (int)value;
    fprintf(stderr, "smallest_pool: '%s' is not between %ld and %ld (%s)\n", text, least,
            most, USAGE);
    exit(2);
}

/* All workers read from the one pipe. A read of so few bytes gets a whole task or, when
 * nobody can write to the pipe any more, nothing. */
static int work(int queue, int milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    for (int task; read(queue, &task, sizeof task) == sizeof task;) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        if (fflush(stdout) != 0)
            return 1;
        nanosleep(&time, NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return puts(USAGE) < 0 || fflush(stdout) ? perror("smallest_pool: stdout"), 1 : 0;
    int workers = argc > 1 ? number(argv[1], 1, 1000) : 4;
    int tasks = argc > 2 ? number(argv[2], 1, 1000000) : 10;
    int milliseconds = argc > 3 ? number(argv[3], 0, 1000000) : 200;
    int queue[2], failed = 0;
    if (argc > 4)
        return fprintf(stderr, "smallest_pool: too many arguments (%s)\n", USAGE), 2;
    if (pipe(queue) != 0)
        return perror("smallest_pool: cannot make the pipe"), 1;

    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid <
            0) /* the workers there are see the end of the pipe when this one ends */
            return perror("smallest_pool: cannot fork"), 1;
        if (pid == 0) {
            close(queue[1]); /* or the pipe never ends: this worker could still write */
            return work(queue[0], milliseconds);
        }
    }
    close(queue[0]);
    signal(SIGPIPE, SIG_IGN); /* when no worker is left, write() says so and we live */
    for (int task = 0; task < tasks; task++)
        if (write(queue[1], &task, sizeof task) != sizeof task)
            return perror("smallest_pool: cannot submit"), 1;
    close(queue[1]); /* the workers see the end when they have read the rest */

    if (puts("All tasks are in the pipe") < 0 || fflush(stdout) != 0)
        perror("smallest_pool: cannot write the output"), failed = 1;
    for (int status; wait(&status) > 0;)
        if (status != 0 && !failed)
            failed = 1, fputs("smallest_pool: a worker ended badly\n", stderr);
    return failed;
}
