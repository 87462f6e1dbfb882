/*
 * pool.c: open a pool, submit to it, close it.
 */
#include "pool.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "foreman.h"
#include "handle.h"
#include "shared.h"
#include "trace.h"
#include "worker.h"

#define FIRST_RING      ((size_t)1024)
#define DEFAULT_WAITING ((size_t)1 << 24)
#define SPIN            200

/* ---- Open ---- */

/* All zero: a worker that comes late looks at entries that were never written. */
static struct ring *new_ring(struct pool *pool, size_t entries)
{
    size_t size = sizeof(struct ring) + entries * sizeof(struct task *);
    struct ring *ring = arena_new(&pool->arena, arena_class(size));
    if (ring != NULL)
        ring->mask = entries - 1;
    return ring;
}

/* The old ring is left to the workers that may still look at it. */
int pool_grow_ring(struct pool *pool)
{
    if (pool_is_broken(pool)) {
        errno = EOWNERDEAD;
        return -1;
    }
    if (pool->room >= pool->options.waiting) {
        errno = EAGAIN;
        return -1;
    }
    struct ring *old = pool->ring;
    struct ring *ring = new_ring(pool, 2 * (old->mask + 1));
    if (ring == NULL)
        return -1;
    /* Relaxed: they are published with the ring. */
    for (uint64_t ticket = pool->head_seen; ticket != pool->tail; ticket++)
        atomic_store_explicit(
            &ring->entry[ticket & ring->mask],
            atomic_load_explicit(&old->entry[ticket & old->mask], memory_order_relaxed),
            memory_order_relaxed);
    pool->ring = ring;
    pool->room =
        ring->mask + 1 < pool->options.waiting ? ring->mask + 1 : pool->options.waiting;
    atomic_store_explicit(&pool->shared->ring, ring, memory_order_release);
    return 0;
}

static int make_shared(struct pool *pool)
{
    size_t size = sizeof(struct shared) + (size_t)pool->workers * sizeof(struct slot);
    if (arena_open(&pool->arena, pool->options.memory) != 0)
        return -1;
    pool->shared = arena_get(&pool->arena, arena_class(size));
    if (pool->shared == NULL)
        return -1;
    pool->shared->program = getpid();
    pool->ring = new_ring(pool, FIRST_RING);
    if (pool->ring == NULL)
        return -1;
    pool->room = FIRST_RING < pool->options.waiting ? FIRST_RING : pool->options.waiting;
    atomic_store(&pool->shared->ring, pool->ring);
    pool->loose = batch_make(pool, false);
    return pool->loose != NULL ? 0 : -1;
}

/* Nothing of the program runs in the foreman: not its signal handlers either. */
static pid_t fork_foreman(struct pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        foreman_run(pool);
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}

/* Wait for the foreman's word that all workers are there. */
static int await_workers(struct pool *pool)
{
    for (;;) {
        uint32_t bell = atomic_load(&pool->shared->bell);
        int opened = atomic_load(&pool->shared->opened);
        if (opened > 0)
            return 0;
        if (opened < 0 || pool_is_broken(pool)) {
            errno = opened < 0 ? -opened : EOWNERDEAD;
            return -1;
        }
        pool_pause(pool, bell, CLOCK_NEVER);
    }
}

/* ECHILD is as good: a program that ignores SIGCHLD has its children reaped for it. */
static void reap_foreman(struct pool *pool)
{
    int saved = errno;
    while (waitpid(atomic_load(&pool->shared->foreman), NULL, 0) < 0 && errno != ECHILD)
        continue;
    errno = saved;
}

static void discard(struct pool *pool)
{
    int saved = errno;
    trace_close(pool);
    batch_close(pool->loose);
    if (pool->arena.base != NULL)
        arena_close(&pool->arena);
    handle_put(pool);
    errno = saved;
}

static int open_processes(struct pool *pool)
{
    fflush(NULL); /* or each worker would print it again */
    pid_t pid = fork_foreman(pool);
    if (pid < 0)
        return -1;
    atomic_store(&pool->shared->foreman, pid);
    if (await_workers(pool) == 0)
        return 0;
    int saved = errno;
    reap_foreman(pool);
    errno = saved;
    return -1;
}

struct pool *pool_open_with(const struct pool_options *options)
{
    if (options == NULL || options->workers < 0 || options->workers > POOL_MAX_WORKERS) {
        errno = EINVAL;
        return NULL;
    }
    struct pool *pool = handle_get();
    if (pool == NULL)
        return NULL;
    pool->cpus = cpu_count();
    pool->options = *options;
    if (pool->options.waiting == 0)
        pool->options.waiting = DEFAULT_WAITING;
    pool->workers = options->workers != 0 ? options->workers : pool->cpus;
    if (pool->workers > POOL_MAX_WORKERS)
        pool->workers = POOL_MAX_WORKERS;
    pool->spin = pool->cpus > 1 ? SPIN : 0;
    pool->opened = clock_now();
    pool->look_again = pool->opened + LOOK_AFTER_FOREMAN;
    if (make_shared(pool) != 0) {
        discard(pool);
        return NULL;
    }
    trace_open(pool);
    if (open_processes(pool) != 0) {
        discard(pool);
        return NULL;
    }
    return pool;
}

struct pool *pool_open(int workers)
{
    return pool_open_with(&(struct pool_options){.workers = workers});
}

/* ---- Submit ---- */

int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size)
{
    if (argument == NULL && size > 0) {
        errno = EINVAL;
        return -1;
    }
    struct task *task = task_new(pool, function, size);
    if (task == NULL)
        return -1;
    if (size > 0)
        memcpy(task_argument(task), argument, size);
    if (task_publish_loose(task) == 0)
        return 0;
    int saved = errno;
    task_give_back(task);
    errno = saved;
    return -1;
}

size_t pool_gather_loose(struct pool *pool)
{
    struct task *task;
    size_t count = 0;
    for (; (task = batch_hand_out(pool->loose)) != NULL; count++) {
        enum task_state end = task_phase(task);
        if (end == TASK_LOST || end == TASK_EXPIRED || end == TASK_BROKEN)
            pool->lost++;
        task_give_back(task);
    }
    int saved = errno;
    if (count == 0)
        pool_look(pool); /* who only submits learns here that the pool broke */
    errno = saved;
    return count;
}

/* ---- Close ---- */

static int end_processes(struct pool *pool, enum closing how)
{
    struct shared *shared = pool->shared;
    int64_t before = clock_now();
    atomic_store(&shared->closing, how);
    workers_wake_all(shared, pool->workers);
    ring_foreman(shared);
    reap_foreman(pool);
    if (pool->trace >= 0)
        trace_wait(pool, before, clock_now());
    return atomic_load(&shared->closing) == CLOSED ? 0 : -1;
}

static int end(struct pool *pool, enum closing how)
{
    if (pool == NULL)
        return 0;
    if (!pool_is_mine(pool))
        return -1;
    int result = end_processes(pool, how);
    pool_gather_loose(pool);
    size_t lost = pool->lost + batch_size(pool->loose);
    discard(pool);
    if (result != 0) {
        errno = EOWNERDEAD;
        return -1;
    }
    return lost < INT_MAX ? (int)lost : INT_MAX;
}

int pool_close(struct pool *pool)
{
    return end(pool, DRAIN);
}

int pool_abort(struct pool *pool)
{
    return end(pool, ABORT);
}
