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
#include "cpus.h"
#include "foreman.h"
#include "hold.h"
#include "linux_futex.h"
#include "linux_process.h"
#include "lock.h"
#include "loop.h"
#include "loose.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "publish.h"
#include "stack.h"
#include "streams.h"
#include "trace.h"
#include "wake.h"
#include "worker.h"

#define DEFAULT_WAITING ((size_t)1 << 24)
#define SPIN            200

static int end_processes(struct pool *pool, enum closing how, int64_t deadline);

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
    errno = saved;
}

static void discard(struct pool *pool)
{
    int saved = errno;
    trace_close(pool);
    loop_close(pool);
    if (pool->own.pidfd >= 0) /* not before: other threads ask for the foreman */
        close(pool->own.pidfd);
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
    inherited->by_first_thread = stack_is_first();
    inherited->to_program = tie_make();
    struct streams streams = streams_before_fork();
    pid_t pid = fork_foreman(pool, streams);
    streams_in_parent(streams);
    tie_close(&inherited->to_program.watched);
    if (pid < 0)
        return -1;
    atomic_store(&pool->shared->foreman, pid);
    pool->own.pidfd = child_descriptor(pid);
    loop_watch_foreman(pool);
    if (await_workers(pool) == 0)
        return 0;
    int saved = errno;
    reap_foreman(pool);
    errno = saved;
    return -1;
}

/* One for each processor, or what the environment variable POOL_WORKERS says. */
static int default_workers(void)
{
    const char *wish = getenv("POOL_WORKERS");
    char *end;
    long workers = wish != NULL && *wish != '\0' ? strtol(wish, &end, 10) : 0;
    return workers > 0 && *end == '\0' && workers <= POOL_MAX_WORKERS ? (int)workers
                                                                      : cpus_allowed();
}

static void set_up(struct pool *pool, const struct pool_options *options)
{
    struct inherited *inherited = &pool->inherited;
    int cpus = cpu_count();
    int workers = options->workers != 0 ? options->workers : default_workers();
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
 * tasks run and print. The pool's memory stays, as other threads may be looking at it. One may be
 * closing the pool: if it is about to free it, the tasks have ended. */
static void drain(struct pool *pool)
{
    if (!pool_hold_open(pool))
        return;
    end_processes(pool, DRAIN, CLOCK_NEVER);
    pool_release(pool);
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
    if (make_shared(pool) != 0 || make_loose(pool) != 0 || loop_open(pool) != 0) {
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
    bool locked = pool_lock(pool);
    int result = order_reserve(loose) != 0 ? -1 : publish(task, WORD_LOOSE);
    if (result == 0)
        order_put(loose, task, pool->own.queue.tail - 1);
    pool_unlock(pool, locked);
    return result;
}

static int submit(struct pool *pool, task_function *function, const void *argument,
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
    task_free(task);
    return refuse(saved);
}

int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size)
{
    if (SINGLE_THREADED)
        return submit(pool, function, argument, size);
    int entered = pool_enter(pool);
    if (entered < 0)
        return -1;
    int result = submit(pool, function, argument, size);
    pool_leave(pool, entered);
    return result;
}

/* ---- Room ---- */

/* Have the worker that takes the oldest waiting task wake the program. The lock is held. False: a
 * task may be submitted. */
static bool ask_for_room(struct pool *pool)
{
    struct queue_writer *writer = &pool->own.queue;
    if (queue_has_room(&pool->shared->queue, writer) ||
        writer->tail - writer->head_seen - writer->holes < writer->limit)
        return false;
    return queue_watch_head(&pool->shared->queue, writer);
}

int pool_wait_for_room(struct pool *pool, double timeout)
{
    int64_t deadline = clock_after(timeout);
    if (!pool_hold_open(pool))
        return -1;
    int error = deadline < 0 ? EINVAL : 0;
    atomic_fetch_add(&pool->own.want_room, 1);
    while (error == 0) {
        uint32_t seen = bell_read(&pool->shared->bell);
        bool locked = pool_lock(pool);
        bool full = ask_for_room(pool);
        pool_unlock(pool, locked);
        error = pool->own.closing                                            ? EINVAL
                : pool_check(pool)                                           ? EOWNERDEAD
                : full && deadline != CLOCK_NEVER && clock_now() >= deadline ? ETIMEDOUT
                                                                             : 0;
        if (error != 0 || !full)
            break;
        pool_pause(pool, seen, deadline);
    }
    atomic_fetch_sub(&pool->own.want_room, 1);
    pool_release(pool);
    return error != 0 ? refuse(error) : 0;
}

int pool_submit_within(struct pool *pool, double timeout, task_function *function,
                       const void *argument, size_t size)
{
    int64_t deadline = clock_after(timeout);
    if (deadline < 0)
        return refuse(EINVAL);
    while (pool_submit(pool, function, argument, size) != 0)
        if (errno != EAGAIN || pool_wait_for_room(pool, clock_left(deadline)) != 0)
            return -1;
    return 0;
}

/* ---- Close ---- */

/* -1: another thread is closing the pool. No task is published after this. */
static int begin_closing(struct pool *pool)
{
    bool locked = pool_lock(pool);
    bool closing = atomic_exchange(&pool->own.closing, 1) != 0;
    pool->own.queue.room = 0;
    pool->own.queue.limit = 0;
    pool_unlock(pool, locked);
    return closing ? refuse(EINVAL) : 0;
}

/* Only forward: the foreman may write CLOSED, another thread ABORT. */
static void tell(struct pool *pool, enum closing how)
{
    if (how == ABORT)
        atomic_store(&pool->shared->over, 1);
    int was = atomic_load(&pool->shared->closing);
    while (was < (int)how &&
           !atomic_compare_exchange_weak(&pool->shared->closing, &was, (int)how))
        continue;
    workers_wake_all(pool->shared, pool->inherited.workers);
    foreman_wake(pool->shared);
}

/* False: the foreman has not ended by the deadline. */
static bool await_foreman(struct pool *pool, int64_t deadline)
{
    for (;;) {
        uint32_t seen = bell_read(&pool->shared->bell);
        if (atomic_load(&pool->shared->closing) == CLOSED || pool_is_broken(pool))
            return true;
        if (clock_now() >= deadline)
            return false;
        pool_pause(pool, seen, deadline);
    }
}

/* Wait until the workers have run what there is, or have them killed at the deadline. -1: the
 * pool was broken. */
static int end_processes(struct pool *pool, enum closing how, int64_t deadline)
{
    int64_t before = clock_now();
    if (atomic_load(&pool->shared->closing) == CLOSED)
        return 0; /* by drain_all() */
    tell(pool, how);
    if (deadline != CLOCK_NEVER && !await_foreman(pool, deadline))
        tell(pool, ABORT);
    reap_foreman(pool);
    if (pool->inherited.trace >= 0)
        trace_wait(pool, before, clock_now());
    return atomic_load(&pool->shared->closing) == CLOSED ? 0 : -1;
}

/* Let calls that wait in other threads return: what has not ended reads as broken from now on. */
static void release_waiters(struct pool *pool)
{
    int none = NOT_BROKEN;
    atomic_compare_exchange_strong(&pool->shared->broken, &none, ABORTED);
    hold_await_none(pool);
}

/* How many tasks wait. No process takes any. */
static size_t count_waiting(struct pool *pool)
{
    size_t count = 0;
    uint64_t ticket = atomic_load(&pool->shared->queue.head);
    for (; ticket != pool->own.queue.tail; ticket++)
        count += queue_waiting_at(&pool->own.queue, ticket) != NULL;
    return count;
}

struct ended {
    size_t loose_lost; /* of pool_submit()'s tasks, as pool_close() counts */
    size_t all_lost;   /* as pool_close_within() counts */
};

static void count_lost(struct pool *pool, struct ended *ended)
{
    bool locked = pool_lock(pool); /* submits that are refused may take and free blocks */
    block_gather_loose(pool);
    pool_unlock(pool, locked);
    ended->all_lost +=
        pool->own.lost + count_waiting(pool) + (size_t)atomic_load(&pool->shared->killed);
    release_waiters(pool);
    block_gather_loose(pool);
    ended->loose_lost = pool->own.lost + order_size(pool->own.loose);
}

/* -1: EOWNERDEAD, EPERM (a worker could not be killed). The pool is gone either way. */
static int end(struct pool *pool, enum closing how, int64_t deadline, struct ended *ended)
{
    int result = end_processes(pool, how, deadline);
    bool survived = atomic_load(&pool->shared->over) != 0 &&
                    atomic_load(&pool->shared->cannot_kill) != 0;
    count_lost(pool, ended);
    loop_run_callbacks(pool);
    discard(pool);
    return result != 0 ? refuse(EOWNERDEAD) : survived ? refuse(EPERM) : 0;
}

static int at_most_int(size_t count)
{
    return count < INT_MAX ? (int)count : INT_MAX;
}

static int close_or_abort(struct pool *pool, enum closing how)
{
    struct ended ended = {0};
    if (pool == NULL)
        return 0;
    if (!pool_is_mine(pool) || begin_closing(pool) != 0 ||
        end(pool, how, CLOCK_NEVER, &ended) != 0)
        return -1;
    return at_most_int(ended.loose_lost);
}

int pool_close(struct pool *pool)
{
    return close_or_abort(pool, DRAIN);
}

int pool_abort(struct pool *pool)
{
    return close_or_abort(pool, ABORT);
}

/* Cancel the tasks that wait. Returns how many. */
static size_t drop_waiting(struct pool *pool)
{
    size_t count = 0;
    uint64_t ticket = atomic_load(&pool->shared->queue.head);
    for (; ticket != pool->own.queue.tail; ticket++) {
        struct task *task = queue_waiting_at(&pool->own.queue, ticket);
        if (task != NULL && task_cancel(task) == 0)
            count++;
    }
    return count;
}

int pool_close_within(struct pool *pool, double seconds, enum pool_drop waiting)
{
    struct ended ended = {0};
    if (pool == NULL)
        return 0;
    if (!pool_is_mine(pool))
        return -1;
    int64_t deadline = clock_after(seconds);
    if (deadline < 0)
        return refuse(EINVAL);
    if (begin_closing(pool) != 0)
        return -1;
    if (waiting == POOL_DROP_WAITING)
        ended.all_lost = drop_waiting(pool);
    return end(pool, DRAIN, deadline, &ended) != 0 ? -1 : at_most_int(ended.all_lost);
}
