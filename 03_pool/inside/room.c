/*
 * room.c: wait for room in a full queue.
 *
 * The program marks the oldest waiting task (queue_watch_head()); the worker that takes it wakes
 * the program. It waits as wake.h describes: read the bell, mark, sleep unless the bell has rung.
 */
#include "program.h"

#include "handle.h"
#include "hold.h"
#include "lock.h"
#include "monotonic.h"
#include "pause.h"
#include "queue.h"
#include "wake.h"

static bool is_full(struct pool *pool)
{
    struct queue_writer *writer = &pool->own.queue;
    return !queue_look(&pool->shared->queue, writer) && queue_is_full(writer);
}

/* Have the worker that takes the oldest waiting task wake the program. The caller holds the lock.
 * False: a task may be submitted. The second look finds the room that a worker made by taking the
 * task that was the oldest at the first one. */
static bool ask_for_room(struct pool *pool)
{
    return is_full(pool) && queue_watch_head(&pool->shared->queue, &pool->own.queue) &&
           is_full(pool);
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
        error = pool_is_ending(pool)                                         ? EINVAL
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
