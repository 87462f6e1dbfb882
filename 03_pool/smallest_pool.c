/*
 * smallest_pool.c: a pool of worker processes whose queue is a pipe.
 *
 *     build/03_pool/smallest_pool [WORKERS [TASKS]]
 *
 * What it can't do, and pool.c can:
 * - submit without waiting: a pipe that is full blocks the writer (try 1 worker, 100000 tasks);
 * - lose nothing: a worker that is killed takes a task with it, and nobody is told;
 * - bring something back: the pipe goes one way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void work(int queue)
{
    int task;
    /* All workers read from the one pipe. A read of a few bytes gets a whole task or, when
     * nobody can write to the pipe any more, 0. */
    while (read(queue, &task, sizeof task) == sizeof task) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
}

static int number(const char *text, int most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == '\0' && value >= 1 && value <= most)
        return (int)value;
    fprintf(stderr,
            "smallest_pool: '%s' is not a number from 1 to %d\n"
            "usage: smallest_pool [WORKERS [TASKS]]\n",
            text, most);
    exit(2);
}

int main(int argc, char **argv)
{
    int workers = argc > 1 ? number(argv[1], 1000) : 4;
    int tasks = argc > 2 ? number(argv[2], 1000000) : 10;
    int queue[2], failed = argc > 3;
    if (pipe(queue) != 0)
        return perror("smallest_pool: pipe"), 1;
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid < 0)
            return perror("smallest_pool: fork"),
                   1; /* the others see the end of the pipe */
        if (pid == 0) {
            close(queue[1]); /* or it would wait for itself to write */
            work(queue[0]);
            return ferror(stdout) != 0;
        }
    }
    close(queue[0]);
    for (int task = 0; task < tasks; task++)
        if (write(queue[1], &task, sizeof task) != sizeof task)
            return perror("smallest_pool: write"), 1;
    close(queue[1]); /* the workers see the end when they have read the rest */
    for (int status; wait(&status) > 0;)
        failed |= status != 0;
    return failed;
}
