/*
 * locked_pool.c: a pool of workers whose queue is an array in shared memory, behind a lock.
 *
 * What it can do and smallest_pool.c can't: results come back, and
 *     build/03_pool/locked_pool full      submit without waiting: all are in before one is taken
 *     build/03_pool/locked_pool kill      say which task was lost when a worker is killed
 * What it still can't do:
 *     build/03_pool/locked_pool lock      go on when the worker that has the lock is killed
 *     build/03_pool/locked_pool robust    say which task that one had, though the lock is free
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE   "usage: locked_pool [full | kill | lock | robust]\n"
#define WORKERS 4
#define ROOM    20000
#define VICTIM  3 /* the task at which a worker is killed */

struct shared {
    sem_t waiting;        /* counts the tasks that wait; a worker that finds 0 sleeps */
    pthread_mutex_t lock; /* its owner may read and change head and tail */
    int head, tail;       /* the tasks from head to tail - 1 wait */
    struct task {
        pid_t worker; /* the process that took it; 0: none */
        bool done;
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

static void lock(void)
{
    if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD) /* only if it is robust */
        pthread_mutex_consistent(&shared->lock);
}

static void submit(void)
{
    lock();
    shared->tail++;
    pthread_mutex_unlock(&shared->lock);
    if (is("")) /* otherwise no worker is woken before all tasks are in */
        sem_post(&shared->waiting);
}

/* The next task, or -1 if none waits. */
static int take(void)
{
    lock();
    int task = shared->head < shared->tail ? shared->head++ : -1;
    if (task == VICTIM && (is("lock") || is("robust")))
        kill(getpid(), SIGKILL); /* half-way, and with the lock */
    if (task >= 0)
        shared->task[task].worker = getpid();
    pthread_mutex_unlock(&shared->lock);
    return task;
}

static int work(void)
{
    struct timespec time = {0, is("full") ? 0 : 200000000};
    alarm(is("lock") ? 2 : 0); /* so that no worker really waits forever */
    for (;;) {
        sem_wait(&shared->waiting);
        int task = take();
        if (task < 0)
            return 0;
        if (task == VICTIM && is("kill"))
            kill(getpid(), SIGKILL);
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&time, NULL);
        shared->task[task].result = (long)task * task;
        shared->task[task].done = true;
    }
}

int main(int argc, char **argv)
{
    double start = now();
    pthread_mutexattr_t attributes;
    int status, left = 0;
    long pid, sum = 0;
    word = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("full") || is("kill") || is("lock") || is("robust")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return perror("locked_pool: cannot map memory"), 1;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (is("robust"))
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&shared->lock, &attributes);
    sem_init(&shared->waiting, 1, 0);

    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0)
            return work();
    for (int task = 0; task < (is("full") ? ROOM : 10); task++)
        submit();
    puts("All tasks are in the array");
    fflush(stdout);
    for (int i = is("") ? shared->tail : 0; i < shared->tail; i++)
        sem_post(&shared->waiting); /* the wake-ups that were held back */
    for (int i = 0; i < WORKERS; i++)
        sem_post(&shared->waiting); /* to find that no task is left */

    while ((pid = wait(&status)) > 0)
        if (WIFSIGNALED(status))
            printf("Process %ld: %s\n", pid, strsignal(WTERMSIG(status)));
    for (int i = 0; i < shared->tail; i++) {
        const struct task *task = &shared->task[i];
        sum += task->result;
        left += !task->done;
        if (!task->done && task->worker != 0)
            printf("Task %d is lost: process %ld had it\n", i, (long)task->worker);
        else if (!task->done)
            printf("Task %d %s\n", i, i < shared->head ? "is nobody's" : "still waits");
    }
    printf("The results add up to %ld\n", sum);
    printf("Main process done after %.2fs\n", now() - start);
    if (fflush(stdout) != 0)
        return perror("locked_pool: cannot write the output"), 1;
    return left == 0 ? 0 : 1;
}
