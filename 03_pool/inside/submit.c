/*
 * submit.c: hand a task over, without a handle to it.
 */
#include "pool.h"

#include <string.h>

#include "handle.h"
#include "hold.h"
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

/* The end of pool_submit() in a program with several threads, or after a failure. */
SLOW_PATH static int finish(struct pool *pool, struct task *task, bool held, int result)
{
    int saved = errno;
    if (result != 0)
        task_free(task);
    if (held)
        pool_release(pool);
    errno = saved;
    return result;
}

int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size)
{
    if (argument == NULL && size > 0)
        return refuse(EINVAL);
    struct task *task = task_begin(pool, function, size);
    if (task == NULL)
        return -1;
    bool held = task->held; /* once it is published, the task may be gone */
    if (size > 0)
        memcpy(task_argument(task), argument, size);
    int result = publish_loose(pool, task);
    return result == 0 && !held ? 0 : finish(pool, task, held, result);
}
