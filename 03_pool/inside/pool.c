/*
 * pool.c: open a pool, submit to it, close it.
 */
#include "pool.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "block.h"
#include "foreman.h"
#include "loose.h"
#include "order.h"
#include "pause.h"
#include "publish.h"
#include "streams.h"
#include "trace.h"
#include "wake.h"
#include "worker.h"

#define DEFAULT_WAITING ((size_t)1 << 24)
#define SPIN            200

static int end_processes(struct pool *pool, enum closing how);

/* ---- Open ---- */

static int make_shared(struct pool *pool)
{
    size_t slots = (size_t)pool->inherited.workers * sizeof(struct slot);
    if (arena_open(&pool->arena, pool->inherited.options.memory) != 0)
        return -1;
    pool->shared = arena_get(&pool->arena, arena_class(sizeof(struct shared) + slots));
    if (pool->shared == NULL)
        return -1;
    pool->shared->program = getpid();
    return queue_open(&pool->shared->queue, &pool->own.queue, &pool->arena,
                      pool->inherited.options.waiting);
}

static int make_loose(struct pool *pool)
{
    pool->own.loose = malloc(sizeof *pool->own.loose);
    if (pool->own.loose == NULL)
        return -1;
    order_init_loose(pool->own.loose, pool);
    return 0;
}

/* All signals are blocked meanwhile: the program's handlers must not run in the foreman. */
static pid_t fork_foreman(struct pool *pool, struct streams streams)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        streams_in_child(streams);
        foreman_run(pool);
    }
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}

/* Wait until the foreman says that all workers exist. */
static int await_workers(struct pool *pool)
{
    for (;;) {
        uint32_t seen = bell_read(&pool->shared->bell);
        int opening = atomic_load(&pool->shared->opening);
        if (opening > 0)
            return 0;
        if (opening < 0 || pool_is_broken(pool)) {
            errno = opening < 0 ? -opening : EOWNERDEAD;
            return -1;
        }
        pool_pause(pool, seen, CLOCK_NEVER);
    }
}

/* ECHILD will do: the kernel reaps the children of a program that ignores SIGCHLD. */
static void reap_foreman(struct pool *pool)
{
    int saved = errno;
    siginfo_t info;
    while (wait_for_child(atomic_load(&pool->shared->foreman), &pool->own.pidfd, &info,
                          WEXITED) != 0 &&
           errno != ECHILD)
        continue;
    if (pool->own.pidfd >= 0)
        close(pool->own.pidfd);
    pool->own.pidfd = -1;
    errno = saved;
}

static void discard(struct pool *pool)
{
    int saved = errno;
    trace_close(pool);
    tie_let_go(&pool->inherited.to_program);
    if (pool->own.loose != NULL)
        order_free(pool->own.loose);
    free(pool->own.loose);
    order_free_all(pool);
    if (pool->arena.base != NULL)
        arena_close(&pool->arena);
    handle_put(pool);
    errno = saved;
}

static int open_processes(struct pool *pool)
{
    struct inherited *inherited = &pool->inherited;
    inherited->to_program = tie_make();
    struct streams streams = streams_before_fork();
    pid_t pid = fork_foreman(pool, streams);
    streams_in_parent(streams);
    tie_close(&inherited->to_program.watched);
    if (pid < 0)
        return -1;
    atomic_store(&pool->shared->foreman, pid);
    pool->own.pidfd = child_descriptor(pid);
    if (await_workers(pool) == 0)
        return 0;
    int saved = errno;
    reap_foreman(pool);
    errno = saved;
    return -1;
}

static void set_up(struct pool *pool, const struct pool_options *options)
{
    struct inherited *inherited = &pool->inherited;
    int cpus = cpu_count();
    int workers = options->workers != 0 ? options->workers : cpus;
    inherited->options = *options;
    if (options->waiting == 0)
        inherited->options.waiting = DEFAULT_WAITING;
    inherited->workers = workers < POOL_MAX_WORKERS ? workers : POOL_MAX_WORKERS;
    inherited->cpus = cpus;
    inherited->spin = cpus > 1 ? SPIN : 0;
    inherited->opened_at = clock_now();
    pool->own.next_check = inherited->opened_at + CHECK_INTERVAL;
}

/* The program, or a worker whose task opened a pool, ends by exit() without pool_close(): let the
 * tasks run and print. The pool's memory stays, as other threads may be looking at it. */
static void drain(struct pool *pool)
{
    end_processes(pool, DRAIN);
}

static void drain_all(void)
{
    handle_each_open(drain);
}

static void drain_at_exit(void)
{
    worker_before_leaving = drain_all;
    atexit(drain_all);
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
    set_up(pool, options);
    if (make_shared(pool) != 0 || make_loose(pool) != 0) {
        discard(pool);
        return NULL;
    }
    trace_open(pool);
    if (open_processes(pool) != 0) {
        discard(pool);
        return NULL;
    }
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, drain_at_exit);
    handle_opened(pool);
    return pool;
}

struct pool *pool_open(int workers)
{
    return pool_open_with(&(struct pool_options){.workers = workers});
}

/* ---- Submit ---- */

/* The task is loose from the start, and its place among the loose ones is reserved before it is
 * published: after that, nothing may fail. */
static int publish_loose(struct pool *pool, struct task *task)
{
    struct order *loose = pool->own.loose;
    if (order_reserve(loose) != 0 || publish(task, WORD_LOOSE) != 0)
        return -1;
    order_put(loose, task, pool->own.queue.tail - 1);
    return 0;
}

int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size)
{
    if (argument == NULL && size > 0)
        return refuse(EINVAL);
    struct task *task = task_new(pool, function, size);
    if (task == NULL)
        return -1;
    if (size > 0)
        memcpy(task_argument(task), argument, size);
    if (publish_loose(pool, task) == 0)
        return 0;
    int saved = errno;
    block_put(task);
    return refuse(saved);
}

/* ---- Close ---- */

static int end_processes(struct pool *pool, enum closing how)
{
    struct shared *shared = pool->shared;
    int64_t before = clock_now();
    if (atomic_load(&shared->closing) == CLOSED)
        return 0; /* by drain_all() */
    if (how == ABORT)
        atomic_store(&shared->over, 1);
    atomic_store(&shared->closing, how);
    workers_wake_all(shared, pool->inherited.workers);
    foreman_wake(shared);
    reap_foreman(pool);
    if (pool->inherited.trace >= 0)
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
    block_gather_loose(pool);
    size_t lost = pool->own.lost + order_size(pool->own.loose);
    bool survived = how == ABORT && atomic_load(&pool->shared->cannot_kill) != 0;
    discard(pool);
    if (result != 0 || survived)
        return refuse(result != 0 ? EOWNERDEAD : EPERM);
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
