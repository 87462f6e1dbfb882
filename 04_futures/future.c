/*
 * future.c: make a future, submit it, free it.
 */
#include "future.h"

#include <errno.h>
#include <stdint.h>

#include "layout.h"
#include "program.h"
#include "record.h"

/* A future not yet submitted, its argument not yet filled in. */
static inline struct future *make_empty(struct pool *pool, future_function *work,
                                        size_t argument_size, size_t result_size)
{
    if (work == NULL) {
        errno = EINVAL;
        return NULL;
    }
    if (argument_size >= UINT32_MAX - 4 * LARGEST_ALIGNMENT) {
        errno = EOVERFLOW;
        return NULL;
    }
    if (result_size > SIZE_MAX / 8) {
        errno = ENOMEM;
        return NULL;
    }
    size_t argument_at = place_for(sizeof(struct future), argument_size);
    size_t result_at = place_for(argument_at + argument_size, result_size);
    struct task *task = task_new(pool, future_run, result_at + result_size);
    if (task == NULL)
        return NULL;
    struct future *future = task_argument(task);
    *future = (struct future){.work = work,
                              .result_size = result_size & (UINT64_MAX >> 12),
                              .argument_at = argument_at & 0xfff,
                              .result_at = (uint32_t)result_at};
    task_forget_if_lost(task);
    return future;
}

static inline struct future *make(struct pool *pool, future_function *work,
                                  const void *argument, size_t argument_size,
                                  size_t result_size)
{
    if (argument == NULL && argument_size > 0) {
        errno = EINVAL;
        return NULL;
    }
    struct future *future = make_empty(pool, work, argument_size, result_size);
    if (future != NULL && argument_size > 0)
        copy(argument_of(future), argument, argument_size);
    return future;
}

static struct future *unmake(struct future *future)
{
    int saved = errno;
    future_free(future);
    errno = saved;
    return NULL;
}

static inline struct future *submit(struct pool *pool, future_function *work,
                                    const void *argument, size_t argument_size,
                                    size_t result_size)
{
    struct future *future = make(pool, work, argument, argument_size, result_size);
    if (future == NULL || task_publish(task_of(future)) == 0)
        return future;
    return unmake(future);
}

/* Several threads: pool_enter() said so. Not inlined, as future_submit() need not save registers for
 * it. */
__attribute__((noinline)) static struct future *submit_and_leave(struct pool *pool,
                                                                 future_function *work,
                                                                 const void *argument,
                                                                 size_t argument_size,
                                                                 size_t result_size)
{
    struct future *future = submit(pool, work, argument, argument_size, result_size);
    pool_leave(pool, 1);
    return future;
}

struct future *future_submit(struct pool *pool, future_function *work,
                             const void *argument, size_t argument_size,
                             size_t result_size)
{
    int entered = pool_enter(pool);
    if (entered < 0)
        return NULL;
    return entered == 0
               ? submit(pool, work, argument, argument_size, result_size)
               : submit_and_leave(pool, work, argument, argument_size, result_size);
}

static struct future *submit_limited(struct pool *pool, double limit,
                                     future_function *work, const void *argument,
                                     size_t argument_size, size_t result_size)
{
    struct future *future = make(pool, work, argument, argument_size, result_size);
    if (future == NULL ||
        (task_limit(task_of(future), limit) == 0 && task_publish(task_of(future)) == 0))
        return future;
    return unmake(future);
}

struct future *future_submit_limited(struct pool *pool, double limit,
                                     future_function *work, const void *argument,
                                     size_t argument_size, size_t result_size)
{
    if (limit == 0)
        return future_submit(pool, work, argument, argument_size, result_size);
    int entered = pool_enter(pool);
    if (entered < 0)
        return NULL;
    struct future *future =
        submit_limited(pool, limit, work, argument, argument_size, result_size);
    pool_leave(pool, entered);
    return future;
}

struct future *future_reserve(struct pool *pool, future_function *work,
                              size_t argument_size, size_t result_size)
{
    int entered = pool_enter(pool);
    if (entered < 0)
        return NULL;
    struct future *future = make_empty(pool, work, argument_size, result_size);
    pool_leave(pool, entered);
    return future;
}

void *future_argument(struct future *future)
{
    return argument_of(future);
}

int future_publish(struct future *future)
{
    return task_publish(future != NULL ? task_of(future) : NULL);
}

int future_free(struct future *future)
{
    return future != NULL ? task_free(task_of(future)) : 0;
}
