/*
 * publish.c: see publish.h.
 */
#include "publish.h"

#include <errno.h>

#include "lock.h"
#include "pause.h"
#include "wake.h"

/* The queue has no room: make some. -1: it stays full, or there is none because the pool is being
 * closed (queue_close()), or because it is broken, so that no worker takes tasks out. */
static int make_room(struct pool *pool)
{
    if (pool_is_ending(pool))
        return refuse(EINVAL);
    if (pool_is_broken(pool))
        return refuse(EOWNERDEAD);
    return queue_make_room(&pool->shared->queue, &pool->own.queue, &pool->arena);
}

static inline int put(struct pool *pool, struct task *task, uint64_t flags)
{
    struct shared *shared = pool->shared;
    queue_put(&shared->queue, &pool->own.queue, task, flags);
    if (workers_any_idle(shared, pool->inherited.workers))
        workers_wake_one(shared, pool->inherited.workers);
    return 0;
}

SLOW_PATH static int put_when_there_is_room(struct pool *pool, struct task *task,
                                            uint64_t flags)
{
    if (!queue_look(&pool->shared->queue, &pool->own.queue) && make_room(pool) != 0)
        return -1;
    return put(pool, task, flags);
}

int publish(struct task *task, uint64_t flags)
{
    struct pool *pool = task->pool;
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    if (word != TASK_NEW)
        return refuse(EINVAL);
    /* Relaxed: should the pool break just now, the task ends as broken. */
    if (atomic_load_explicit(&pool->shared->broken, memory_order_relaxed) != NOT_BROKEN)
        return refuse(pool->own.closing ? EINVAL : EOWNERDEAD);
    return queue_had_room(&pool->own.queue) ? put(pool, task, flags)
                                            : put_when_there_is_room(pool, task, flags);
}
