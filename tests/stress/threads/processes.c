/*
 * processes.c: the pool's processes as threads, for ThreadSanitizer, which watches one process
 * only. This file replaces the foreman's files, tie.c and (by the linker's --wrap) the few calls
 * that make, name or end a process. Queue, tasks, workers and futures are the real ones. What
 * threads can't do is left out: crash, be killed, be replaced.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "check.h"
#include "foreman.h"
#include "linux_futex.h"
#include "linux_process.h"
#include "tie.h"
#include "worker.h"

#define FAKE_PID 1234567

static struct pool *opening; /* the thread that asked for a handle last */
static pthread_t foreman;

struct place {
    struct pool *pool;
    unsigned number;
};

static void *work(void *argument)
{
    struct place place = *(struct place *)argument;
    free(argument);
    worker_run(place.pool, place.number); /* until __wrap__exit() */
}

static void *supervise(void *argument)
{
    struct pool *pool = argument;
    struct shared *shared = pool->shared;
    pthread_t *worker = calloc((size_t)pool->inherited.workers, sizeof *worker);
    for (int i = 0; worker != NULL && i < pool->inherited.workers; i++) {
        struct place *place = malloc(sizeof *place);
        if (place == NULL)
            abort();
        *place = (struct place){pool, (unsigned)i};
        if (pthread_create(&worker[i], NULL, work, place) != 0)
            abort();
    }
    atomic_store(&shared->opening, 1);
    atomic_fetch_add(&shared->bell, 1);
    futex_wake(&shared->bell, 1);
    /* The workers end by themselves when the pool is closing and the queue is empty. */
    for (int i = 0; worker != NULL && i < pool->inherited.workers; i++)
        pthread_join(worker[i], NULL);
    free(worker);
    atomic_store(&shared->closing, CLOSED);
    return NULL;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*,readability-non-const-parameter): the names
 * are those that ld --wrap asks for, the types those of the system. */
struct pool *__real_handle_get(void);
struct pool *__wrap_handle_get(void);
struct pool *__wrap_handle_get(void)
{
    return opening = __real_handle_get();
}

/* At its end a process closes the pools that it opened; a worker here would close its own. */
void __wrap_handle_each_open(void (*function)(struct pool *));
void __wrap_handle_each_open(void (*function)(struct pool *))
{
    (void)function;
}

pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
    return pthread_create(&foreman, NULL, supervise, opening) == 0 ? FAKE_PID : -1;
}

/* A query finds the foreman alive; a wait for its end joins its thread. */
int __wrap_wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options);
int __wrap_wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options)
{
    (void)child, (void)descriptor;
    info->si_pid = 0;
    if ((options & WNOHANG) == 0)
        pthread_join(foreman, NULL);
    return 0;
}

int __wrap_child_descriptor(pid_t child);
int __wrap_child_descriptor(pid_t child)
{
    (void)child;
    return -1;
}

bool __wrap_signal_when_parent_ends(int signal, pid_t parent);
bool __wrap_signal_when_parent_ends(int signal, pid_t parent)
{
    (void)signal, (void)parent;
    return true;
}

_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__exit(int status)
{
    (void)status;
    pthread_exit(NULL);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*,readability-non-const-parameter) */

/* In place of tie.c: a thread ends with its process. */
struct tie tie_make(void)
{
    return NO_TIE;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): as tie.h has it */
void tie_close(int *end)
{
    (void)end;
}

void tie_let_go(struct tie *tie)
{
    (void)tie;
}

void tie_watch(struct tie *tie, int signal)
{
    (void)tie, (void)signal;
}

int tie_again(struct tie *tie)
{
    (void)tie;
    return -1;
}

void tie_watch_alone(const struct tie *tie, int own, int signal)
{
    (void)tie, (void)own, (void)signal;
}

bool tie_is_cut(const struct tie *tie)
{
    (void)tie;
    return false;
}

_Noreturn void foreman_run(struct pool *pool)
{
    (void)pool;
    abort(); /* no process is forked */
}

/* In place of check.c, whose _exit() would end one thread. */
void check_failed(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}
