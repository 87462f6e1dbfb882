/*
 * wait.c: wait for the end of one task, or of the next of many.
 *
 * Every wait has the form that wake.h describes: read the bell; look; if the end is not there,
 * make sure that it will ring the bell (task_watch()); sleep unless the bell has rung since.
 */
#include <errno.h>
#include <stdlib.h>

#include "order.h"
#include "pause.h"
#include "wake.h"

/* ---- One task ---- */

/* Spin for a while, then sleep. (Not inlined, or the task that has ended pays for its
 * registers, too.) */
__attribute__((noinline)) static int wait_for_end(struct pool *pool, struct task *task,
                                                  double timeout)
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

int task_wait(struct task *task, double timeout)
{
    struct pool *pool = task != NULL ? task->pool : NULL;
    if (!pool_is_mine(pool))
        return -1;
    uint64_t word = task_word(task);
    if (timeout != timeout || word_state(word) == TASK_NEW)
        return refuse(EINVAL);
    return word_ended(word) ? 0 : wait_for_end(pool, task, timeout);
}

/* ---- A batch ---- */

/* The pool frees what is not closed before it: see order_free_all(). */
struct batch {
    struct order order;
};

struct batch *batch_open(struct pool *pool)
{
    if (!pool_is_mine(pool))
        return NULL;
    struct batch *batch = malloc(sizeof *batch);
    if (batch != NULL && order_init(&batch->order, pool) != 0) {
        free(batch);
        return NULL;
    }
    return batch;
}

void batch_close(struct batch *batch)
{
    if (batch == NULL)
        return;
    order_free(&batch->order);
    free(batch);
}

size_t batch_size(const struct batch *batch)
{
    return order_size(&batch->order);
}

int batch_add(struct batch *batch, struct task *task)
{
    if (!pool_is_mine(batch != NULL ? batch->order.pool : NULL))
        return -1;
    if (task == NULL || task->pool != batch->order.pool ||
        word_state(task_word(task)) == TASK_NEW)
        return refuse(EINVAL);
    return order_add(&batch->order, task);
}

/* NULL: ETIMEDOUT, ENOENT. */
static struct task *wait_for_next(struct pool *pool, struct order *order, double timeout)
{
    int64_t deadline = 0;
    for (int spins = 0;; spins++) {
        uint32_t seen = bell_read(&pool->shared->bell);
        struct task *task = order_take_ended(order);
        if (task != NULL)
            return task;
        if (order_size(order) == 0) { /* what was added twice came out once */
            errno = ENOENT;
            return NULL;
        }
        if (spins == 0)
            deadline = clock_after(timeout);
        if (timeout == 0 || (deadline != CLOCK_NEVER && clock_now() >= deadline)) {
            task = pool_check(pool) ? order_take_ended(order) : NULL;
            if (task == NULL)
                errno = ETIMEDOUT;
            return task;
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
    if (timeout != timeout || batch_size(batch) == 0) {
        errno = timeout != timeout ? EINVAL : ENOENT;
        return NULL;
    }
    return wait_for_next(pool, &batch->order, timeout);
}
