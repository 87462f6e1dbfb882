/*
 * submit.c: hand a task over, without a handle to it.
 */
#include "pool.h"

#include <string.h>

#include "handle.h"
#include "lock.h"
#include "order.h"
#include "program.h"
#include "publish.h"

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
