/*
 * wrong_pool.c: locked_pool.c without its lock. Two ways to take a task, and both are wrong.
 *
 * What it can do and locked_pool.c can't: no worker waits for a dead one.
 * What it still can't do:
 *     build/03_pool/wrong_pool look    look, then write: a task is done twice
 *     build/03_pool/wrong_pool swap    swap the head: a worker is killed, and nothing says
 *                                      which task it had
 * Without a word it swaps, and no worker is killed: then all is well.
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

#define USAGE   "usage: wrong_pool [look | swap]\n"
#define WORKERS 4
#define ROOM    10
#define VICTIM  3 /* the task at which something goes wrong */

struct shared {
    sem_t waiting;          /* counts the tasks that wait; a worker that finds 0 sleeps */
    _Atomic int head, tail; /* the tasks from head to tail - 1 wait */
    _Atomic int lookers;    /* workers that have looked at task VICTIM */
    sem_t both;             /* the first of them waits for the second */
    struct task {
        pid_t worker; /* the process that took it; 0: none */
        _Atomic int times_done;
        long result;
    } task[ROOM];
};
static struct shared *shared;

static const char *word; /* on the command line: what is to happen */

static bool is(const char *name)
{
    return strcmp(word, name) == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void submit(void)
{
    shared->tail++;
    sem_post(&shared->waiting);
}

/* The next task, or -1 if none waits. */
static int look_then_write(void)
{
    int task = shared->head;
    if (task >= shared->tail)
        return -1;
    if (task == VICTIM) { /* here, between looking and writing, another worker may look */
        if (shared->lookers++ == 0)
            sem_wait(&shared->both);
        else
            sem_post(&shared->both);
    }
    shared->head = task + 1;
    shared->task[task].worker = getpid();
    return task;
}

/* The next task, or -1 if none waits. */
static int swap_the_head(void)
{
    int task = shared->head;
    do {
        if (task >= shared->tail)
            return -1;
    } while (!atomic_compare_exchange_strong(&shared->head, &task, task + 1));
    if (task == VICTIM && is("swap"))
        kill(getpid(), SIGKILL); /* it has the task, and has not written it down */
    shared->task[task].worker = getpid();
    return task;
}

static int work(void)
{
    struct timespec time = {0, 200000000};
    for (;;) {
        sem_wait(&shared->waiting);
        int task = is("look") ? look_then_write() : swap_the_head();
        if (task < 0)
            return 0;
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&time, NULL);
        shared->task[task].result = (long)task * task;
        shared->task[task].times_done++;
    }
}

int main(int argc, char **argv)
{
    double start = now();
    int status, wrong = 0;
    long pid;
    word = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("look") || is("swap")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return perror("wrong_pool: cannot map memory"), 1;
    sem_init(&shared->waiting, 1, 0);
    sem_init(&shared->both, 1, 0);

    for (int i = 0; i < (is("look") ? 2 : WORKERS); i++)
        if (fork() == 0)
            return work();
    while (shared->tail < ROOM)
        submit();
    /* For each worker, to find that no task is left; and for tasks that are done twice. */
    for (int i = 0; i < WORKERS + 2 * ROOM; i++)
        sem_post(&shared->waiting);

    while ((pid = wait(&status)) > 0)
        if (WIFSIGNALED(status))
            printf("Process %ld: %s\n", pid, strsignal(WTERMSIG(status)));
    for (int i = 0; i < ROOM; i++) {
        const struct task *task = &shared->task[i];
        wrong += task->times_done != 1;
        if (task->times_done > 1)
            printf("Task %d was done %d times\n", i, task->times_done);
        else if (task->times_done == 0)
            printf("Task %d is nobody's\n", i);
    }
    printf("Main process done after %.2fs\n", now() - start);
    if (fflush(stdout) != 0)
        return perror("wrong_pool: cannot write the output"), 1;
    return wrong == 0 ? 0 : 1;
}
