/*
 * close.c: close a pool: refuse new tasks, end the processes, count the lost tasks.
 */
#include "pool.h"

#include <limits.h>

#include "cancel_state.h"
#include "end.h"
#include "handle.h"
#include "hold.h"
#include "lock.h"
#include "loop.h"
#include "loose.h"
#include "monotonic.h"
#include "order.h"
#include "program.h"
#include "queue.h"
#include "stack.h"

/* -1: another thread is closing the pool. No task is published after this. */
static int begin_closing(struct pool *pool)
{
    bool locked = pool_lock(pool);
    bool closing = atomic_exchange(&pool->own.closing, 1) != 0;
    queue_close(&pool->own.queue);
    if (!closing)
        pool->own.lost_before = atomic_load(&pool->shared->lost);
    pool_unlock(pool, locked);
    return closing ? refuse(EINVAL) : 0;
}

/* Let calls that wait in other threads return: what has not ended reads as broken from now on. */
static void release_waiters(struct pool *pool)
{
    int none = NOT_BROKEN;
    atomic_compare_exchange_strong(&pool->shared->broken, &none, ABORTED);
    hold_await_none(pool);
}

static struct task *next_waiting(struct pool *pool, uint64_t *ticket)
{
    return queue_next_waiting(&pool->shared->queue, &pool->own.queue, ticket);
}

/* How many tasks wait. No process takes any. */
static size_t count_waiting(struct pool *pool)
{
    size_t count = 0;
    for (uint64_t next = 0; next_waiting(pool, &next) != NULL;)
        count++;
    return count;
}

struct ended {
    size_t loose_lost; /* loose tasks, as pool_close() counts */
    size_t all_lost;   /* as pool_close_within() counts */
};

static void count_lost(struct pool *pool, struct ended *ended)
{
    bool locked = pool_lock(pool); /* submits that are refused may take and free blocks */
    block_gather_loose(pool);
    pool_unlock(pool, locked);
    /* A loss that was counted before may have been taken back: its task was to be stopped. */
    int lost = (int)(atomic_load(&pool->shared->lost) - pool->own.lost_before);
    ended->all_lost += pool->own.lost + count_waiting(pool) +
                       (size_t)atomic_load(&pool->shared->killed) +
                       (size_t)(lost > 0 ? lost : 0);
    release_waiters(pool);
    block_gather_loose(pool);
    ended->loose_lost = pool->own.lost + order_size(pool->own.loose);
}

/* -1: EOWNERDEAD, EPERM (a worker could not be killed). The pool is gone either way. */
static int end(struct pool *pool, enum closing how, int64_t deadline, struct ended *ended)
{
    int cancel_state = cancel_state_disable();
    int result = pool_end_processes(pool, how, deadline);
    bool survived = atomic_load(&pool->shared->over) != 0 &&
                    atomic_load(&pool->shared->cannot_kill) != 0;
    count_lost(pool, ended);
    bool mine = loop_run_callbacks(pool) >= 0;
    if (mine)
        pool_discard(pool);
    cancel_state_restore(cancel_state);
    return !mine ? -1 : result != 0 ? refuse(EOWNERDEAD) : survived ? refuse(EPERM) : 0;
}

static int at_most_int(size_t count)
{
    return count < INT_MAX ? (int)count : INT_MAX;
}

/* pool_close(NULL) is no error. But a task that left by longjmp() may call it: in a worker, the
 * variable that takes what pool_open() returns is not yet set. */
static int close_none(void)
{
    stack_check();
    return 0;
}

static int close_or_abort(struct pool *pool, enum closing how)
{
    struct ended ended = {0};
    if (pool == NULL)
        return close_none();
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
    struct task *task;
    for (uint64_t next = 0; (task = next_waiting(pool, &next)) != NULL;)
        count += task_cancel(task) == 0;
    return count;
}

int pool_close_within(struct pool *pool, double seconds, enum pool_drop waiting)
{
    struct ended ended = {0};
    if (pool == NULL)
        return close_none();
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
