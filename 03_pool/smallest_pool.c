/*
 * smallest_pool.c: a pool of workers whose queue is a pipe.
 *
 * What it can do and fork_split.c can't: the work is not divided beforehand. A worker takes the
 * next task as soon as it is free.
 * What it still can't do:
 *     build/03_pool/smallest_pool full       submit without waiting for the workers
 *     build/03_pool/smallest_pool kill       say which task was lost when a worker is killed
 *     build/03_pool/smallest_pool orphans    take its workers with it when it is killed itself
 * And no result comes back: a pipe leads one way.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE   "usage: smallest_pool [full | kill | orphans]\n"
#define WORKERS 4
#define MANY    20000
#define VICTIM  3 /* the task at which a worker is killed */

static const char *keyword = ""; /* on the command line: what goes wrong */

static bool is(const char *name)
{
    return strcmp(keyword, name) == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* All workers read from the one pipe. Each read() gets a whole task or, when no process can
 * write to the pipe any more, nothing. */
static int work(int queue)
{
    for (int task; read(queue, &task, sizeof task) == sizeof task;) {
        if (is("kill") && task == VICTIM)
            kill(getpid(), SIGKILL); /* it has read the task, and no other process can */
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&(struct timespec){0, is("full") ? 0 : 200000000}, NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    double start = now();
    int queue[2], status, killed = 0;
    keyword = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("full") || is("kill") || is("orphans")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    if (pipe(queue) != 0)
        return perror("smallest_pool: cannot make a pipe"), 1;
    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0) {
            close(queue[1]); /* or the pipe never ends: this worker could write to it */
            return work(queue[0]);
        }
    close(queue[0]);

    for (int task = 0; task < (is("full") ? MANY : 10); task++)
        if (write(queue[1], &task, sizeof task) != sizeof task)
            return perror("smallest_pool: cannot submit"), 1;
    close(queue[1]); /* when the workers have read the rest, they see the end */
    puts("All tasks are in the pipe");
    fflush(stdout);
    if (is("orphans"))
        kill(getpid(), SIGKILL);

    while (wait(&status) > 0)
        killed += WIFSIGNALED(status);
    if (killed > 0)
        puts("A worker was killed. Which task did it have?");
    printf("Main process done after %.2fs\n", now() - start);
    if (fflush(stdout) != 0)
        return perror("smallest_pool: cannot write the output"), 1;
    return killed == 0 ? 0 : 1;
}
