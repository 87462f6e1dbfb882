/*
 * wait.c: wait for the end of one task, or of the next of many.
 *
 * Every wait has the form that wake.h describes: read the bell; look; if the end is not there,
 * make sure that it will ring the bell (task_watch()); sleep unless the bell has rung since.
 */
#include <errno.h>
#include <stdlib.h>

#include "hold.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "wake.h"

/* ---- One task ---- */

/* Spin for a while, then sleep. */
static int wait_for_end(struct pool *pool, struct task *task, double timeout)
{
    int64_t deadline = clock_after(timeout);
    for (int i = 0; i < pool->inherited.spin && timeout != 0; i++) {
        spin_pause();
        if (word_ended(task_word(task)))
            return 0;
    }
    for (;;) {
        uint32_t seen = bell_read(&pool->shared->bell);
        if (!task_watch(task))
            return 0;
        if (deadline != CLOCK_NEVER && clock_now() >= deadline)
            return task_ended(task) ? 0 : refuse(ETIMEDOUT);
        pool_pause(pool, seen, deadline);
    }
}

/* 1: it has ended, and the pool is held. */
SLOW_PATH static int hold_and_wait(struct pool *pool, struct task *task, double timeout)
{
    pool_hold(pool);
    if (wait_for_end(pool, task, timeout) == 0)
        return 1;
    int saved = errno;
    pool_release(pool);
    return refuse(saved);
}

int task_wait_and_hold(struct task *task, double timeout)
{
    struct pool *pool = task != NULL ? task->pool : NULL;
    if (!pool_is_mine(pool))
        return -1;
    uint64_t word = task_word(task);
    if (timeout != timeout || word_state(word) == TASK_NEW)
        return refuse(EINVAL);
    return word_ended(word) ? 0 : hold_and_wait(pool, task, timeout);
}

int task_wait(struct task *task, double timeout)
{
    int held = task_wait_and_hold(task, timeout);
    if (held > 0)
        pool_release(task->pool);
    return held < 0 ? -1 : 0;
}

/* ---- A batch ---- */

/* order_free_all() frees those that are open when the pool is closed: so the order is first. */
struct batch {
    struct order order;
};

struct batch *batch_open(struct pool *pool)
{
    int entered = pool_enter(pool);
    if (entered < 0)
        return NULL;
    struct batch *batch = malloc(sizeof *batch);
    bool locked = pool_lock(pool);
    if (batch != NULL && order_init(&batch->order, pool) != 0) {
        free(batch);
        batch = NULL;
    }
    pool_unlock(pool, locked);
    pool_leave(pool, entered);
    return batch;
}

void batch_close(struct batch *batch)
{
    if (batch == NULL)
        return;
    struct pool *pool = batch->order.pool;
    bool locked = pool_is_mine(pool) && pool_lock(pool);
    order_free(&batch->order);
    pool_unlock(pool, locked);
    free(batch);
}

size_t batch_size(const struct batch *batch)
{
    struct pool *pool = batch->order.pool;
    bool locked = pool_is_mine(pool) && pool_lock(pool);
    size_t size = order_size(&batch->order);
    pool_unlock(pool, locked);
    return size;
}

int batch_add(struct batch *batch, struct task *task)
{
    if (!pool_is_mine(batch != NULL ? batch->order.pool : NULL))
        return -1;
    if (task == NULL || task->pool != batch->order.pool ||
        word_state(task_word(task)) == TASK_NEW)
        return refuse(EINVAL);
    bool locked = pool_lock(task->pool);
    int result = order_add(&batch->order, task);
    pool_unlock(task->pool, locked);
    return result;
}

/* NULL: ETIMEDOUT (so far none has ended), ENOENT (all were taken out). */
static struct task *take_ended(struct pool *pool, struct order *order)
{
    bool locked = pool_lock(pool);
    struct task *task = order_take_ended(order);
    if (task == NULL)
        errno = order_size(order) == 0 ? ENOENT : ETIMEDOUT;
    pool_unlock(pool, locked);
    return task;
}

/* NULL: ETIMEDOUT, ENOENT. */
static struct task *wait_for_next(struct pool *pool, struct order *order, double timeout)
{
    int64_t deadline = 0;
    for (int spins = 0;; spins++) {
        uint32_t seen = bell_read(&pool->shared->bell);
        struct task *task = take_ended(pool, order);
        if (task != NULL || errno == ENOENT)
            return task;
        if (spins == 0)
            deadline = clock_after(timeout);
        if (timeout == 0 || (deadline != CLOCK_NEVER && clock_now() >= deadline)) {
            if (pool_check(pool))
                return take_ended(pool, order);
            errno = ETIMEDOUT;
            return NULL;
        }
        if (spins < pool->inherited.spin)
            spin_pause();
        else
            pool_pause(pool, seen, deadline);
    }
}

struct task *batch_next(struct batch *batch, double timeout)
{
    struct pool *pool = batch != NULL ? batch->order.pool : NULL;
    if (!pool_is_mine(pool))
        return NULL;
    if (timeout != timeout) {
        errno = EINVAL;
        return NULL;
    }
    pool_hold(pool);
    struct task *task = wait_for_next(pool, &batch->order, timeout);
    int saved = errno;
    pool_release(pool);
    errno = saved;
    return task;
}
