/*
 * swapped_pool.c: a pool of workers without a lock. Each task has a word that says whose it is.
 *
 * What it can do and locked_pool.c can't: a worker may be killed anywhere. The others go on, its
 * task, if it had one, is reported as lost, once, and another worker takes its place.
 *     build/03_pool/swapped_pool early    killed just before it changed the word
 *     build/03_pool/swapped_pool kill     killed just after
 * What it still can't do, among other things:
 *     build/03_pool/swapped_pool full     use the place of a task again
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE   "usage: swapped_pool [early | kill | full]\n"
#define WORKERS 4
#define ROOM    10
#define VICTIM  3 /* the task at which a worker is killed */

#define WAITING (-1)
#define DONE    (-2)

static struct shared {
    sem_t waiting;          /* counts the tasks that wait; a worker that finds 0 sleeps */
    _Atomic int word[ROOM]; /* one of these, or the process that took it, or 0: no task */
    long result[ROOM];
} * shared;

static const char *keyword = ""; /* on the command line: what goes wrong */

static bool is(const char *name)
{
    return strcmp(keyword, name) == 0;
}

/* Sleep until a task waits, and take it; -1: none is left. */
static int take(void)
{
    sem_wait(&shared->waiting);
    for (int task = 0; task < ROOM; task++) {
        int word = WAITING;
        if (task == VICTIM && is("early") && shared->word[task] == WAITING)
            kill(getpid(), SIGKILL);
        bool mine = atomic_compare_exchange_strong(&shared->word[task], &word, getpid());
        if (mine && task == VICTIM && is("kill"))
            kill(getpid(), SIGKILL);
        if (mine)
            return task;
    }
    return -1;
}

static int work(void)
{
    for (int task; (task = take()) >= 0;) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&(struct timespec){0, 200000000}, NULL);
        shared->result[task] = (long)task * task;
        shared->word[task] = DONE;
    }
    return 0;
}

/* A worker was killed. Report its task, if it had one, and start another worker. */
static void bury(int worker)
{
    printf("Process %d was killed\n", worker);
    for (int task = 0; task < ROOM; task++)
        if (shared->word[task] == worker)
            printf("Task %d is lost: process %d had it\n", task, worker);
    fflush(stdout);
    keyword = ""; /* the new worker is no victim */
    if (fork() == 0)
        _exit(work());
    sem_post(&shared->waiting); /* the dead worker may have taken one away, and no task */
}

int main(int argc, char **argv)
{
    long sum = 0;
    keyword = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("early") || is("kill") || is("full")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return perror("swapped_pool: cannot map memory"), 1;
    sem_init(&shared->waiting, 1, 0);

    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0)
            return work();
    for (int task = 0; task < (is("full") ? 11 : 10); task++)
        if (task < ROOM)
            shared->word[task] = WAITING; /* submit it */
        else
            printf("No room for task %d\n", task);
    for (int i = 0; i < ROOM + WORKERS; i++)
        sem_post(&shared->waiting); /* four more: a worker that finds no task ends */

    for (int pid, status; (pid = wait(&status)) > 0;)
        if (WIFSIGNALED(status))
            bury(pid);
    for (int task = 0; task < ROOM; task++)
        sum += shared->result[task];
    printf("The results add up to %ld\n", sum);
    if (fflush(stdout) != 0)
        return perror("swapped_pool: cannot write the output"), 1;
    return sum == 285 ? 0 : 1; /* 285: all squares of 0 to 9 */
}
