/*
 * wrong_pool.c: workers that take tasks from an array without a lock. Both ways are wrong.
 *
 * What it can do and locked_pool.c can't: no worker waits for a dead one.
 * What it still can't do:
 *     build/03_pool/wrong_pool look    look, then write: a task is done twice
 *     build/03_pool/wrong_pool swap    swap the head: a worker is killed, and nothing says
 *                                      which task it had
 * Without a keyword it swaps, and no worker is killed: then all is well.
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

#define USAGE  "usage: wrong_pool [look | swap]\n"
#define TASKS  10
#define VICTIM 3 /* the task at which something goes wrong */

static struct shared {
    _Atomic int head;    /* the tasks from head on wait; all of them do at first */
    pid_t worker[TASKS]; /* of each task the process that took it; 0: none */
    _Atomic int times_done[TASKS];
    _Atomic int lookers; /* how often a worker has looked at task VICTIM */
    sem_t second;        /* for the first of them: another has looked, too */
} * shared;

static const char *keyword = ""; /* on the command line: what goes wrong */

static bool is(const char *name)
{
    return strcmp(keyword, name) == 0;
}

/* The next task, or -1 if none is left. */
static int look_then_write(void)
{
    int task = shared->head;
    if (task >= TASKS)
        return -1;
    if (task == VICTIM) { /* here, between looking and writing, another worker may look */
        if (shared->lookers++ == 0)
            sem_wait(&shared->second);
        else
            sem_post(&shared->second);
    }
    shared->head = task + 1;
    shared->worker[task] = getpid();
    return task;
}

/* The next task, or -1 if none is left. */
static int swap_the_head(void)
{
    int task = shared->head;
    do {
        if (task >= TASKS)
            return -1;
    } while (!atomic_compare_exchange_strong(&shared->head, &task, task + 1));
    if (task == VICTIM && is("swap"))
        kill(getpid(), SIGKILL); /* it has the task, and has not written it down */
    shared->worker[task] = getpid();
    return task;
}

static int work(void)
{
    for (int task; (task = is("look") ? look_then_write() : swap_the_head()) >= 0;) {
        printf("I am process %ld working on task %d\n", (long)getpid(), task);
        fflush(stdout);
        nanosleep(&(struct timespec){0, 200000000}, NULL);
        shared->times_done[task]++;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int once = 0;
    keyword = argc > 1 ? argv[1] : "";
    if (argc > 2 || !(is("") || is("look") || is("swap")))
        return fputs(USAGE, is("--help") ? stdout : stderr), is("--help") ? 0 : 2;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return perror("wrong_pool: cannot map memory"), 1;
    sem_init(&shared->second, 1, 0);

    for (int i = 0; i < (is("look") ? 2 : 4); i++) /* so many workers */
        if (fork() == 0)
            return work();
    for (int pid, status; (pid = wait(&status)) > 0;)
        if (WIFSIGNALED(status))
            printf("Process %d: %s\n", pid, strsignal(WTERMSIG(status)));
    for (int i = 0; i < TASKS; i++) {
        once += shared->times_done[i] == 1;
        if (shared->times_done[i] > 1)
            printf("Task %d was done %d times\n", i, shared->times_done[i]);
        else if (shared->worker[i] == 0)
            printf("Task %d is nobody's\n", i);
    }
    printf("%d of %d tasks were done once\n", once, TASKS);
    if (fflush(stdout) != 0)
        return perror("wrong_pool: cannot write the output"), 1;
    return once == TASKS ? 0 : 1;
}
