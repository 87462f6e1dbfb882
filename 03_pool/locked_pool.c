/*
 * locked_pool.c: a pool of workers whose queue is an array in shared memory, behind a lock.
 *
 * What it can do and smallest_pool.c can't: results come back, and
 *     build/03_pool/locked_pool full      submit without waiting for the workers
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

static struct shared {
    sem_t waiting;        /* counts the tasks that wait; a worker that finds 0 sleeps */
    pthread_mutex_t lock; /* only its owner may change head or tail */
    int head, tail;       /* the tasks from head to tail - 1 wait */
    pid_t worker[ROOM];   /* of each task the process that took it; 0: none */
    bool done[ROOM];
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
    if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD) /* only if it is robust */
        pthread_mutex_consistent(&shared->lock);
    int task = shared->head < shared->tail ? shared->head++ : -1;
    if (task == VICTIM && (is("lock") || is("robust")))
        kill(getpid(), SIGKILL); /* half-way, and with the lock */
    if (task >= 0)
        shared->worker[task] = getpid();
    pthread_mutex_unlock(&shared->lock);
    return task;
}

static int work(void)
{
    alarm(is("lock") ? 2 : 0); /* so that no worker really waits forever */
    for (int task; (task = take()) >= 0;) {
        if (task == VICTIM && is("kill"))
            kill(getpid(), SIGKILL);
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&(struct timespec){0, is("full") ? 0 : 200000000}, NULL);
        shared->result[task] = (long)task * task;
        shared->done[task] = true;
    }
    return 0;
}

int main(int argc, char **argv)
{
    long sum = 0, done = 0;
    keyword = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("full") || is("kill") || is("lock") || is("robust")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return perror("locked_pool: cannot map memory"), 1;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (is("robust"))
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&shared->lock, &attributes);
    sem_init(&shared->waiting, 1, 0);

    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0)
            return work();
    pthread_mutex_lock(&shared->lock);
    shared->tail = is("full") ? ROOM : 10; /* submit so many tasks */
    pthread_mutex_unlock(&shared->lock);
    puts("All tasks are in the array");
    fflush(stdout);
    for (int i = 0; i < shared->tail + WORKERS; i++)
        sem_post(&shared->waiting); /* four more: a worker that finds no task ends */

    for (int pid, status; (pid = wait(&status)) > 0;)
        if (WIFSIGNALED(status))
            printf("Process %d: %s\n", pid, strsignal(WTERMSIG(status)));
    for (int i = 0; i < shared->head; i++) {
        sum += shared->result[i];
        done += shared->done[i];
        if (shared->worker[i] == 0)
            printf("Task %d is nobody's\n", i);
        else if (!shared->done[i])
            printf("Task %d is lost: process %ld had it\n", i, (long)shared->worker[i]);
    }
    printf("%ld of %d tasks done. The results add up to %ld\n", done, shared->tail, sum);
    if (fflush(stdout) != 0)
        return perror("locked_pool: cannot write the output"), 1;
    return done == shared->tail ? 0 : 1;
}
