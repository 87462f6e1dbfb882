/*
 * future.c: make a future, submit it, free it.
 */
#include "future.h"

#include <errno.h>
#include <stdint.h>

#include "layout.h"
#include "program.h"
#include "record.h"

/* Where argument and result begin, in bytes from the start of the record. */
struct places {
    size_t argument_at, result_at, result_size;
};

/* False: errno says why there can't be such a future. */
static inline bool find_places(struct places *places, future_function *work,
                               size_t argument_size, size_t result_size)
{
    if (work == NULL) {
        errno = EINVAL;
        return false;
    }
    if (argument_size >= UINT32_MAX - 4 * LARGEST_ALIGNMENT) {
        errno = EOVERFLOW;
        return false;
    }
    places->argument_at = place_for(sizeof(struct future), argument_size);
    places->result_at = place_for(places->argument_at + argument_size, result_size);
    places->result_size = result_size;
    if (result_size > SIZE_MAX / 8 || places->result_at > SIZE_MAX / 4 - result_size) {
        errno = ENOMEM;
        return false;
    }
    return true;
}

static inline struct future *write_record(struct task *task, future_function *work,
                                          struct places places)
{
    struct future *future = task_argument(task);
    *future = (struct future){.work = work,
                              .result_size = places.result_size & (UINT64_MAX >> 12),
                              .argument_at = places.argument_at & 0xfff,
                              .result_at = (uint32_t)places.result_at};
    return future;
}

/* limit 0: none. Always inlined: in future_submit() the limit is gone then. */
__attribute__((always_inline)) static inline struct future *submit(
    struct pool *pool, double limit, future_function *work, const void *argument,
    size_t argument_size, size_t result_size)
{
    struct places places;
    if (argument == NULL && argument_size > 0) {
        errno = EINVAL;
        return NULL;
    }
    if (!find_places(&places, work, argument_size, result_size))
        return NULL;
    struct task *task = task_begin(pool, future_run, places.result_at + result_size);
    if (task == NULL)
        return NULL;
    struct future *future = write_record(task, work, places);
    if (argument_size > 0)
        copy(argument_of(future), argument, argument_size);
    if (limit > 0)
        task_limit(task, limit);
    return task_commit(task) == 0 ? future : NULL;
}

struct future *future_submit(struct pool *pool, future_function *work,
                             const void *argument, size_t argument_size,
                             size_t result_size)
{
    return submit(pool, 0, work, argument, argument_size, result_size);
}

struct future *future_submit_limited(struct pool *pool, double limit,
                                     future_function *work, const void *argument,
                                     size_t argument_size, size_t result_size)
{
    if (!(limit >= 0)) {
        errno = EINVAL;
        return NULL;
    }
    return submit(pool, limit, work, argument, argument_size, result_size);
}

struct future *future_reserve(struct pool *pool, future_function *work,
                              size_t argument_size, size_t result_size)
{
    struct places places;
    if (!find_places(&places, work, argument_size, result_size))
        return NULL;
    int entered = pool_enter(pool);
    if (entered < 0)
        return NULL;
    struct task *task = task_new(pool, future_run, places.result_at + result_size);
    struct future *future = task != NULL ? write_record(task, work, places) : NULL;
    if (task != NULL)
        task_forget_if_lost(task);
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
