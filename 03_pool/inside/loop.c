/*
 * loop.c: see loop.h, and program.h for what it does.
 *
 * The program polls an epoll set of two descriptors. The first is an event. The foreman signals it
 * when a watched task has ended; a task with a callback is watched. (wake.c says why the worker
 * does not signal it.) The second becomes ready when the foreman has ended, because the pool broke
 * or was closed: see foreman_end().
 *
 * pool_dispatch() clears the event, says that the program polls (POLLING), and then looks. So an
 * end after the look signals the event again: the order of wake.h, with the descriptor for a bell.
 */
#include "loop.h"

#include <stdlib.h>
#include <unistd.h>

#include "cancel_state.h"
#include "handle.h"
#include "hold.h"
#include "linux_descriptor.h"
#include "lock.h"
#include "order.h"
#include "pause.h"
#include "program.h"

#define FIRST_CALLBACKS ((size_t)64) /* a power of two */

/* An element of a hash table with linear probing; task NULL: free. */
struct callback {
    struct task *task;
    task_callback *function;
    void *argument;
};

/* ---- The table ---- */

/* Tasks are at multiples of 64 bytes; the factor is 2^64 divided by the golden ratio (Knuth). */
static size_t place_of(const struct loop *loop, const struct task *task)
{
    uint64_t hash = ((uint64_t)(uintptr_t)task >> 6) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) & (loop->capacity - 1);
}

static struct callback *find(struct loop *loop, const struct task *task)
{
    size_t place = place_of(loop, task);
    while (loop->callbacks[place].task != NULL && loop->callbacks[place].task != task)
        place = (place + 1) & (loop->capacity - 1);
    return &loop->callbacks[place];
}

static int make_place(struct loop *loop)
{
    if (loop->callbacks != NULL && loop->count < loop->capacity / 2)
        return 0;
    size_t capacity = loop->callbacks != NULL ? 2 * loop->capacity : FIRST_CALLBACKS;
    struct callback *callbacks = calloc(capacity, sizeof *callbacks);
    if (callbacks == NULL)
        return -1;
    struct callback *old = loop->callbacks;
    size_t old_capacity = old != NULL ? loop->capacity : 0;
    struct loop larger = *loop;
    larger.callbacks = callbacks;
    larger.capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].task != NULL)
            *find(&larger, old[i].task) = old[i];
    free(old);
    /* Not *loop = larger: other threads read the descriptors without the lock. */
    loop->callbacks = callbacks;
    loop->capacity = capacity;
    return 0;
}

/* Remove the task's element and return it. The elements that follow, up to the next free place, may
 * have to move up. */
static struct callback take_out(struct loop *loop, const struct task *task)
{
    struct callback *found = find(loop, task);
    struct callback result = *found;
    assert(result.task == task);
    found->task = NULL;
    loop->count--;
    size_t place = (size_t)(found - loop->callbacks);
    for (;;) {
        place = (place + 1) & (loop->capacity - 1);
        struct callback moved = loop->callbacks[place];
        if (moved.task == NULL)
            return result;
        loop->callbacks[place].task = NULL;
        *find(loop, moved.task) = moved;
    }
}

/* ---- Open and close ---- */

int loop_open(struct pool *pool)
{
    struct loop *loop = &pool->own.loop;
    if (!pool->inherited.options.event_loop)
        return 0;
    loop->event = event_open();
    loop->set = poll_set_open();
    if (loop->event < 0 || loop->set < 0 || poll_set_add(loop->set, loop->event) != 0)
        return -1;
    pool->inherited.event = loop->event;
    atomic_fetch_or(&pool->shared->program_waits, POLLING);
    return 0;
}

/* The pidfd or, where the kernel has none, the write end of a pipe that only the foreman reads. */
static int foreman_end(const struct pool *pool)
{
    return pool->own.pidfd >= 0 ? pool->own.pidfd : pool->inherited.to_program.held;
}

int loop_watch_foreman(struct pool *pool)
{
    int end = foreman_end(pool);
    if (pool->own.loop.set < 0)
        return 0;
    return end >= 0 ? poll_set_add(pool->own.loop.set, end) : refuse(EMFILE);
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void loop_close(struct pool *pool)
{
    struct loop *loop = &pool->own.loop;
    close_one(&loop->set);
    close_one(&loop->event);
    free(loop->callbacks); /* order_free_all() frees the order */
}

/* ---- Callbacks ---- */

/* The caller holds the lock. */
static int register_callback(struct pool *pool, struct task *task,
                             task_callback *function, void *argument)
{
    struct loop *loop = &pool->own.loop;
    if (loop->order == NULL) {
        loop->order = malloc(sizeof *loop->order);
        if (loop->order == NULL)
            return -1;
        if (order_init(loop->order, pool) != 0) {
            free(loop->order);
            loop->order = NULL;
            return -1;
        }
    }
    if (make_place(loop) != 0)
        return -1;
    struct callback *callback = find(loop, task);
    if (callback->task != NULL)
        return refuse(EINVAL);
    if (order_add(loop->order, task) != 0)
        return -1;
    *callback = (struct callback){task, function, argument};
    loop->count++;
    return 0;
}

int task_on_end(struct task *task, task_callback *callback, void *argument)
{
    struct pool *pool = task != NULL ? task->pool : NULL;
    if (!pool_is_mine(pool))
        return -1;
    if (callback == NULL || word_state(task_word(task)) == TASK_NEW)
        return refuse(EINVAL);
    int cancel_state = cancel_state_disable();
    bool locked = pool_lock(pool);
    int result = register_callback(pool, task, callback, argument);
    pool_unlock(pool, locked);
    /* It may have ended before it was watched: then nothing else signals the event. */
    if (result == 0 && word_ended(task_word(task)) && pool->own.loop.event >= 0)
        event_signal(pool->own.loop.event);
    cancel_state_restore(cancel_state);
    return result;
}

static bool next_ended(struct pool *pool, struct callback *callback)
{
    struct loop *loop = &pool->own.loop;
    bool locked = pool_lock(pool);
    struct task *task = loop->order != NULL ? order_take_ended(loop->order) : NULL;
    if (task != NULL)
        *callback = take_out(loop, task);
    pool_unlock(pool, locked);
    return task != NULL;
}

int loop_run_callbacks(struct pool *pool)
{
    int count = 0;
    for (struct callback callback; next_ended(pool, &callback); count++) {
        callback.function(callback.task, callback.argument);
        if (!pool_is_mine(pool))
            return -1;
    }
    return count;
}

int pool_descriptor(struct pool *pool)
{
    if (!pool_is_mine(pool))
        return -1;
    return pool->own.loop.set >= 0 ? pool->own.loop.set : refuse(EINVAL);
}

static int dispatch(struct pool *pool)
{
    struct loop *loop = &pool->own.loop;
    if (loop->event >= 0) {
        event_clear(loop->event);
        atomic_fetch_or(&pool->shared->program_waits, POLLING);
    }
    bool broken = pool_is_broken(pool);
    int count = loop_run_callbacks(pool);
    if (!broken || count != 0)
        return count;
    if (loop->set >= 0)
        poll_set_remove(loop->set, foreman_end(pool));
    return refuse(EOWNERDEAD);
}

int pool_dispatch(struct pool *pool)
{
    if (!pool_hold_open(pool))
        return -1;
    int cancel_state = cancel_state_disable();
    int result = dispatch(pool);
    int saved = errno;
    pool_release(pool);
    cancel_state_restore(cancel_state);
    errno = saved;
    return result;
}
