/*
 * end.c: see end.h.
 */
#include "end.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "handle.h"
#include "hold.h"
#include "linux_process.h"
#include "lock.h"
#include "loop.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "queue.h"
#include "trace.h"
#include "wake.h"
#include "worker.h"

/* ---- The processes ---- */

/* ECHILD is fine: the kernel reaps the children of a program that ignores SIGCHLD. */
void pool_reap_foreman(struct pool *pool)
{
    int saved = errno;
    siginfo_t info;
    while (wait_for_child(atomic_load(&pool->shared->foreman), &pool->own.pidfd, &info,
                          WEXITED) != 0 &&
           errno != ECHILD)
        continue;
    errno = saved;
}

/* Tell foreman and workers how to end. `closing` only goes forward: meanwhile the foreman may have
 * written CLOSED, or another thread ABORT. */
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

int pool_end_processes(struct pool *pool, enum closing how, int64_t deadline)
{
    int64_t before = clock_now();
    if (atomic_load(&pool->shared->closing) == CLOSED)
        return 0; /* by drain_all() */
    tell(pool, how);
    if (deadline != CLOCK_NEVER && !await_foreman(pool, deadline))
        tell(pool, ABORT);
    pool_reap_foreman(pool);
    if (pool->inherited.trace >= 0)
        trace_wait(pool, before, clock_now());
    return atomic_load(&pool->shared->closing) == CLOSED ? 0 : -1;
}

/* ---- exit() without pool_close() ---- */

/* Refuse new tasks, then tell the workers to end when the queue is empty. Under the lock, so that
 * what another thread is publishing or renumbering is in the queue by then. Wait for the lock at
 * most a second: exit() may have been called by a signal handler, in the middle of a submit. */
static void end_submits(struct pool *pool)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec++;
    bool locked =
        !SINGLE_THREADED && pthread_mutex_timedlock(&pool->own.lock, &limit) == 0;
    queue_close(&pool->own.queue);
    tell(pool, DRAIN);
    pool_unlock(pool, locked);
}

/* The program, or a worker whose task opened a pool, calls exit() without pool_close(): let the
 * tasks run and print. Do not free the pool, which other threads may still use. If a thread is
 * about to free it, this one in a callback or another one, the tasks have ended already. */
static void drain(struct pool *pool)
{
    if (pool->own.leaving || !pool_hold_open(pool))
        return;
    end_submits(pool);
    pool_end_processes(pool, DRAIN, CLOCK_NEVER);
    pool_release(pool);
}

static void drain_all(void)
{
    handle_each_open(drain);
}

void drain_at_exit(void)
{
    worker_before_leaving = drain_all;
    atexit(drain_all);
}

/* ---- Memory and descriptors ---- */

void pool_discard(struct pool *pool)
{
    int saved = errno;
    trace_close(pool);
    loop_close(pool);
    /* Not earlier: until the pool was released, other threads used it in pool_is_broken(). */
    if (pool->own.pidfd >= 0)
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
