/*
 * swapped_pool.c: a pool of workers without a lock. Each task has a word that says whose it is.
 *
 * What it can do and locked_pool.c can't: a worker may be killed anywhere. The others go on, its
 * task, if it had one, is reported as lost, once, and another worker takes its place.
 *     build/03_pool/swapped_pool early    killed just before it changed the word
 *     build/03_pool/swapped_pool kill     killed just after
 * What it still can't do:
 *     build/03_pool/swapped_pool full     take one more task when the array has been filled,
 *                                         ever: memory is not used again
 * Nor can the program do anything else while it looks after its workers; nor stop a task, or
 * give it a time limit; nor take its workers with it when it is killed.
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
#define ROOM    20000
#define VICTIM  3 /* the task at which a worker is killed */

#define WAITING 0
#define DONE    (-1)
#define LOST    (-2)

struct shared {
    sem_t waiting;          /* counts the tasks that wait; a worker that finds 0 sleeps */
    _Atomic int head, tail; /* no task before head waits, and none from tail on */
    _Atomic bool killed;    /* one worker was: that is enough */
    struct task {
        _Atomic pid_t state; /* one of these three, or the process that runs it */
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

static void submit(int task)
{
    if (task == ROOM) {
        printf("No room for task %d\n", task);
        return;
    }
    shared->tail++;
    sem_post(&shared->waiting);
}

/* The next task, or -1 if none waits. */
static int take(void)
{
    for (;;) {
        int task = shared->head, head = task;
        pid_t state = WAITING;
        if (task >= shared->tail)
            return -1;
        if (task == VICTIM && is("early") && !atomic_exchange(&shared->killed, true))
            kill(getpid(), SIGKILL);
        bool mine =
            atomic_compare_exchange_strong(&shared->task[task].state, &state, getpid());
        if (mine && task == VICTIM && is("kill"))
            kill(getpid(), SIGKILL);
        /* Any worker moves the head on: the one that took the task may be dead. */
        atomic_compare_exchange_strong(&shared->head, &head, head + 1);
        if (mine)
            return task;
    }
}

static int work(void)
{
    struct timespec time = {0, is("full") ? 0 : 200000000};
    for (;;) {
        sem_wait(&shared->waiting);
        int task = take();
        if (task < 0)
            return 0;
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&time, NULL);
        shared->task[task].result = (long)task * task;
        shared->task[task].state = DONE;
    }
}

/* A worker was killed. From then on, no other process can end its task. */
static int bury(pid_t worker)
{
    int lost = 0;
    printf("Process %ld was killed\n", (long)worker);
    for (int i = 0; i < shared->tail; i++)
        if (shared->task[i].state == worker) {
            printf("Task %d is lost: process %ld had it\n", i, (long)worker);
            shared->task[i].state = LOST;
            lost++;
        }
    fflush(stdout);
    if (fork() == 0)
        _exit(work());
    sem_post(&shared->waiting); /* for a task that it was woken for, and did not take */
    return lost;
}

int main(int argc, char **argv)
{
    double start = now();
    int status, lost = 0;
    long sum = 0;
    word = argc > 1 ? argv[1] : "";
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
    for (int task = 0; task < (is("full") ? ROOM + 1 : 10); task++)
        submit(task);
    for (int i = 0; i < WORKERS; i++)
        sem_post(&shared->waiting); /* to find that no task is left */

    for (pid_t pid; (pid = wait(&status)) > 0;)
        if (WIFSIGNALED(status))
            lost += bury(pid);
    for (int i = 0; i < shared->tail; i++)
        sum += shared->task[i].result;
    printf("The results add up to %ld\n", sum);
    printf("Main process done after %.2fs\n", now() - start);
    if (fflush(stdout) != 0)
        return perror("swapped_pool: cannot write the output"), 1;
    return lost == 0 ? 0 : 1;
}
