/*
 * futures.c: several futures at once: all of them, the first, in the order of their ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "future.h"
#include "program.h"

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Until release(), a pool_close() in another thread does not free the futures. NULL: EINVAL. */
static struct pool *hold(struct future **futures)
{
    if (futures == NULL || futures[0] == NULL) {
        errno = EINVAL;
        return NULL;
    }
    struct pool *pool = task_pool(task_of(futures[0]));
    pool_hold(pool);
    return pool;
}

static void release(struct pool *pool)
{
    int saved = errno;
    pool_release(pool);
    errno = saved;
}

static enum future_status wait_all(struct future **futures, size_t count, double timeout)
{
    double end = now() + timeout;
    for (size_t i = 0; i < count; i++) {
        double left = timeout;
        if (timeout > 0) {
            left = end - now();
            left = left > 0 ? left : 0;
        }
        enum future_status status = future_result(futures[i], left, NULL);
        if (status == FUTURE_TIMEOUT || status == FUTURE_MISUSE)
            return status;
    }
    return FUTURE_OK;
}

enum future_status future_wait_all(struct future **futures, size_t count, double timeout)
{
    if (count == 0)
        return FUTURE_OK;
    struct pool *pool = hold(futures);
    if (pool == NULL)
        return FUTURE_MISUSE;
    enum future_status status = wait_all(futures, count, timeout);
    release(pool);
    return status;
}

struct completions {
    struct batch *batch;
};

void completions_close(struct completions *completions)
{
    if (completions == NULL)
        return;
    batch_close(completions->batch);
    free(completions);
}

static bool add(struct batch *batch, struct future *future)
{
    return batch_add(batch, future != NULL ? task_of(future) : NULL) == 0;
}

struct completions *completions_open(struct future **futures, size_t count)
{
    struct completions *completions = calloc(1, sizeof *completions);
    if (completions == NULL || count == 0)
        return completions;
    bool good = futures != NULL && futures[0] != NULL;
    if (good) {
        completions->batch = batch_open(task_pool(task_of(futures[0])));
        good = completions->batch != NULL;
    } else {
        errno = EINVAL;
    }
    for (size_t i = 0; i < count && good; i++)
        good = add(completions->batch, futures[i]);
    if (good)
        return completions;
    int saved = errno;
    completions_close(completions);
    errno = saved;
    return NULL;
}

struct future *completions_next(struct completions *completions, double timeout)
{
    if (completions == NULL || completions->batch == NULL) {
        errno = completions == NULL ? EINVAL : ENOENT;
        return NULL;
    }
    struct task *task = batch_next(completions->batch, timeout);
    return task != NULL ? task_argument(task) : NULL;
}

static ssize_t wait_first(struct future **futures, size_t count, double timeout)
{
    struct completions *completions = completions_open(futures, count);
    if (completions == NULL)
        return -1;
    struct future *first = completions_next(completions, timeout);
    int saved = errno;
    completions_close(completions);
    errno = saved;
    for (size_t i = 0; first != NULL && i < count; i++)
        if (futures[i] == first)
            return (ssize_t)i;
    return -1;
}

ssize_t future_wait_first(struct future **futures, size_t count, double timeout)
{
    if (count == 0) {
        errno = ENOENT;
        return -1;
    }
    struct pool *pool = hold(futures);
    if (pool == NULL)
        return -1;
    ssize_t first = wait_first(futures, count, timeout);
    release(pool);
    return first;
}
