/*
 * future.c: see future.h. A future is what this chapter puts at the front of a task's
 * argument; behind it lie the function's own argument and its result:
 *
 *     | struct task | struct future | argument | result |
 *
 * With an int for each of the two that is 64 bytes, one cache line.
 */
#include "future.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "layout.h"
#include "program.h"

/* A task that crashes needs its function and its sizes no more: what is known of the crash is noted
 * in their place. */
struct future {
    union {
        future_function *work;
        const void *crash_code;
    };
    union {
        struct {
            uint64_t result_size : 52;
            uint64_t argument_at : 12; /* from the start of the struct, as result_at */
        };
        const void *crash_data;
    };
    uint32_t result_at;
    int returned; /* or CRASHED */
};

/* What the worker runs now. The one thing a process must remember about itself here. */
struct current {
    struct future *future;
    unsigned
        process; /* a process that the task forks, or a worker of its pool, has a copy */
};
static struct current current;

struct future *future_current(void)
{
    return current.process == task_process() ? current.future : NULL;
}

#define CRASHED INT_MAX

void future_note_crash(const void *code, const void *data)
{
    struct future *future = future_current();
    if (future == NULL)
        return;
    future->crash_code = code;
    future->crash_data = data;
    future->returned = CRASHED;
}

bool future_crash(struct future *future, const void **code, const void **data)
{
    if (future_status(future) != FUTURE_LOST || future->returned != CRASHED)
        return false;
    *code = future->crash_code;
    *data = future->crash_data;
    return true;
}

static void *argument_of(struct future *future)
{
    return (char *)future + future->argument_at;
}

static void *result_of(struct future *future)
{
    return (char *)future + future->result_at;
}

/* The task's function, in the worker. */
static void run(void *record)
{
    struct future *future = record;
    unsigned process = task_process();
    current = (struct current){.future = future, .process = process};
    int returned = future->work(argument_of(future), result_of(future));
    current.future = NULL;
    /* Not for a child that the function forked: the future may be gone by now. */
    if (task_process() == process)
        future->returned = returned;
}

/* ---- Submit ---- */

/* Most arguments and results are small: for them a call takes longer than the copying. */
static inline void copy(void *to, const void *from, size_t size)
{
    if (size == sizeof(int))
        memcpy(to, from, sizeof(int));
    else if (size == sizeof(double))
        memcpy(to, from, sizeof(double));
    else
        memcpy(to, from, size);
}

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
    struct task *task = task_new(pool, run, result_at + result_size);
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

/* ---- Look ---- */

enum future_status future_status(struct future *future)
{
    if (future == NULL) {
        errno = EINVAL;
        return FUTURE_MISUSE;
    }
    enum task_state state = task_state(task_of(future));
    if (state == TASK_DONE)
        return future->returned == 0 ? FUTURE_OK : FUTURE_FAILED;
    switch (state) {
    case TASK_CANCELLED:
        return FUTURE_CANCELLED;
    case TASK_STOPPED:
        return FUTURE_STOPPED;
    case TASK_EXPIRED:
        return FUTURE_EXPIRED;
    case TASK_LOST:
        return FUTURE_LOST;
    case TASK_BROKEN:
        return FUTURE_BROKEN;
    default:
        return FUTURE_TIMEOUT;
    }
}

bool future_done(struct future *future)
{
    return future_status(future) != FUTURE_TIMEOUT;
}

bool future_running(struct future *future)
{
    return future != NULL && task_state(task_of(future)) == TASK_RUNNING;
}

bool future_cancelled(struct future *future)
{
    return future_status(future) == FUTURE_CANCELLED;
}

int future_returned(struct future *future)
{
    return future_status(future) == FUTURE_FAILED ? future->returned : 0;
}

int future_worker_status(struct future *future)
{
    return future_status(future) == FUTURE_LOST ? task_worker_status(task_of(future)) : 0;
}

void *future_value(struct future *future)
{
    return future_status(future) == FUTURE_OK ? result_of(future) : NULL;
}

const char *future_status_name(enum future_status status)
{
    static const char *const name[] = {"finished", "failed",  "pending", "cancelled",
                                       "stopped",  "expired", "lost",    "broken"};
    if (status < 0 || (size_t)status >= sizeof name / sizeof *name)
        return "misuse";
    return name[status];
}

int future_print(struct future *future, FILE *stream)
{
    enum future_status status = future_status(future);
    const char *state = future_running(future) && status == FUTURE_TIMEOUT
                            ? "running"
                            : future_status_name(status);
    return fprintf(stream, "<Future at %p state=%s>", (void *)future, state);
}

/* ---- Wait, take back, give back ---- */

enum future_status future_result(struct future *future, double timeout, void *result)
{
    if (future == NULL)
        return future_status(future);
    struct task *task = task_of(future);
    int held = task_wait_and_hold(task, timeout);
    if (held < 0)
        return errno == ETIMEDOUT ? FUTURE_TIMEOUT : FUTURE_MISUSE;
    enum future_status status = future_status(future);
    if (status == FUTURE_OK && result != NULL)
        copy(result, result_of(future), (size_t)future->result_size);
    if (held > 0)
        pool_release(task_pool(task));
    return status;
}

bool future_cancel(struct future *future)
{
    return (future != NULL && task_cancel(task_of(future)) == 0) ||
           future_cancelled(future);
}

bool future_stop(struct future *future)
{
    if (future != NULL && task_stop(task_of(future)) == 0)
        return true;
    enum future_status status = future_status(future);
    return status == FUTURE_CANCELLED || status == FUTURE_STOPPED;
}

int future_free(struct future *future)
{
    return future != NULL ? task_free(task_of(future)) : 0;
}
