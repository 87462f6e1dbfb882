/*
 * batch.c: many tasks, in the order in which they end.
 *
 * Tasks start in the order of their tickets, so the batch keeps its own in that order and
 * looks only at the first that it doesn't know to have started. Those that run, never
 * more than there are workers, are looked at each time. So finding the ones that ended
 * costs the same however many wait. Nothing has to be told by the worker that ended the
 * task, but when (task->ended, if watched): no list that a dying worker could leave half
 * linked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shared.h"

#define PREFETCH 8
#define NEAR     16

struct batch {
    struct pool *pool;
    bool watched; /* someone may sleep until they end */
    bool unsorted;
    uint64_t newest;    /* the highest ticket in the queue, or higher */
    uint64_t cancelled; /* pool->cancelled when we last swept */

    size_t capacity;     /* of each array */
    struct task **queue; /* [first, last): not known to have started */
    size_t first, last;
    struct task **running;
    size_t running_count;
    struct task **ended; /* [handed, ended_count): not yet handed out */
    size_t handed, ended_count;
};

struct batch *batch_make(struct pool *pool, bool watched)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) {
        batch->pool = pool;
        batch->watched = watched;
        batch->cancelled = pool->cancelled;
    }
    return batch;
}

struct batch *batch_open(struct pool *pool)
{
    return pool_is_mine(pool) ? batch_make(pool, true) : NULL;
}

void batch_close(struct batch *batch)
{
    if (batch == NULL)
        return;
    free(batch->queue);
    free(batch->running);
    free(batch->ended);
    free(batch);
}

size_t batch_size(const struct batch *batch)
{
    return batch->last - batch->first + batch->running_count + batch->ended_count -
           batch->handed;
}

static int grow(struct task ***array, size_t capacity)
{
    struct task **grown = realloc(*array, capacity * sizeof(struct task *));
    if (grown == NULL)
        return -1;
    *array = grown;
    return 0;
}

/* Each of the arrays may come to hold all the tasks. */
int batch_reserve(struct batch *batch)
{
    bool room = batch_size(batch) < batch->capacity;
    if (room && batch->last < batch->capacity)
        return 0;
    if (room && batch->first > batch->capacity / 2) {
        size_t count = batch->last - batch->first;
        memmove(batch->queue, batch->queue + batch->first, count * sizeof(struct task *));
        batch->first = 0;
        batch->last = count;
        return 0;
    }
    size_t capacity = batch->capacity != 0 ? 2 * batch->capacity : 64;
    if (grow(&batch->queue, capacity) != 0 || grow(&batch->running, capacity) != 0 ||
        grow(&batch->ended, capacity) != 0)
        return -1;
    batch->capacity = capacity;
    return 0;
}

/* It doesn't change while the program has a handle to the task. */
static uint64_t ticket_of(struct task *task)
{
    return state_ticket(atomic_load_explicit(&task->state, memory_order_relaxed));
}

/* Tickets begin again, some time. */
static bool earlier(uint64_t ticket, uint64_t other)
{
    return (int64_t)((ticket - other) << TICKET_SHIFT) < 0;
}

/* Nearly always the task is the newest, or its place is near the end. The task itself is not
 * looked at: a worker may have its line of memory by now. */
void batch_put(struct batch *batch, struct task *task, uint64_t ticket)
{
    size_t place = batch->last++;
    if (place == batch->first || earlier(batch->newest, ticket)) {
        batch->newest = ticket;
        batch->queue[place] = task;
        return;
    }
    for (int i = 0; place > batch->first; i++, place--) {
        if (!earlier(ticket, ticket_of(batch->queue[place - 1])))
            break;
        if (i == NEAR) {
            batch->unsorted = true;
            break;
        }
        batch->queue[place] = batch->queue[place - 1];
    }
    batch->queue[place] = task;
}

int batch_add(struct batch *batch, struct task *task)
{
    if (!pool_is_mine(batch != NULL ? batch->pool : NULL))
        return -1;
    if (task == NULL || task->pool != batch->pool || task_phase(task) == TASK_NEW) {
        errno = EINVAL;
        return -1;
    }
    if (batch_reserve(batch) != 0)
        return -1;
    batch_put(batch, task, ticket_of(task));
    if (batch->watched)
        task_watch(task);
    return 0;
}

static int by_ticket(const void *a, const void *b)
{
    uint64_t left = ticket_of(*(struct task *const *)a);
    uint64_t right = ticket_of(*(struct task *const *)b);
    return earlier(right, left) - earlier(left, right);
}

/* Tasks that ended before they were watched come first; those that a broken pool ended, last.
 * Relaxed: that it ended was seen. */
static int64_t end_of(struct task *task)
{
    uint64_t state = atomic_load_explicit(&task->state, memory_order_relaxed);
    if (state_phase(state) == TASK_BROKEN)
        return INT64_MAX;
    bool known = (state & STATE_WATCHED) != 0 && state_phase(state) != TASK_CANCELLED;
    return known ? task->ended : 0;
}

static int by_end(const void *a, const void *b)
{
    int64_t left = end_of(*(struct task *const *)a);
    int64_t right = end_of(*(struct task *const *)b);
    return left != right ? (left > right) - (left < right) : by_ticket(a, b);
}

static void gather_running(struct batch *batch)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->running_count; i++) {
        struct task *task = batch->running[i];
        if (task_phase(task) >= TASK_DONE)
            batch->ended[batch->ended_count++] = task;
        else
            batch->running[kept++] = task;
    }
    batch->running_count = kept;
}

static void gather_started(struct batch *batch)
{
    for (; batch->first < batch->last; batch->first++) {
        struct task *task = batch->queue[batch->first];
        if (batch->last - batch->first > PREFETCH)
            __builtin_prefetch(batch->queue[batch->first + PREFETCH]);
        enum task_state state = task_phase(task);
        if (state == TASK_WAITING)
            return;
        if (state == TASK_RUNNING)
            batch->running[batch->running_count++] = task;
        else
            batch->ended[batch->ended_count++] = task;
    }
    batch->first = batch->last = 0;
}

/* Cancelled tasks end anywhere in the queue. */
static void gather_cancelled(struct batch *batch)
{
    size_t kept = batch->first;
    for (size_t i = batch->first; i < batch->last; i++) {
        struct task *task = batch->queue[i];
        if (task_phase(task) == TASK_CANCELLED)
            batch->ended[batch->ended_count++] = task;
        else
            batch->queue[kept++] = task;
    }
    batch->last = kept;
    batch->cancelled = batch->pool->cancelled;
}

/* Move what ended to batch->ended, which is empty. */
static void gather(struct batch *batch)
{
    batch->handed = batch->ended_count = 0;
    gather_running(batch);
    if (batch->unsorted)
        qsort(batch->queue + batch->first, batch->last - batch->first,
              sizeof(struct task *), by_ticket);
    batch->unsorted = false;
    gather_started(batch);
    if (batch->ended_count == 0 && batch->cancelled != batch->pool->cancelled)
        gather_cancelled(batch);
    if (batch->watched && batch->ended_count > 1)
        qsort(batch->ended, batch->ended_count, sizeof(struct task *), by_end);
}

struct task *batch_hand_out(struct batch *batch)
{
    if (batch->handed == batch->ended_count)
        gather(batch);
    return batch->handed < batch->ended_count ? batch->ended[batch->handed++] : NULL;
}

struct task *batch_next(struct batch *batch, double timeout)
{
    struct pool *pool = batch != NULL ? batch->pool : NULL;
    if (!pool_is_mine(pool))
        return NULL;
    if (timeout != timeout) {
        errno = EINVAL;
        return NULL;
    }
    if (batch_size(batch) == 0) {
        errno = ENOENT;
        return NULL;
    }
    int64_t deadline = 0;
    for (int spins = 0;; spins++) {
        uint32_t bell = atomic_load(&pool->shared->bell);
        struct task *task = batch_hand_out(batch);
        if (task != NULL)
            return task;
        if (spins == 0)
            deadline = clock_after(timeout);
        if (timeout == 0 || (deadline != CLOCK_NEVER && clock_now() >= deadline)) {
            if (pool_look(pool) && (task = batch_hand_out(batch)) != NULL)
                return task;
            errno = ETIMEDOUT;
            return NULL;
        }
        if (spins < pool->spin)
            spin_pause();
        else
            pool_pause(pool, bell, deadline);
    }
}
