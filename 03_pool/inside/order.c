/*
 * order.c: see order.h.
 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "pause.h"

#define PREFETCH 8
#define NEAR     16

void order_init(struct order *order, struct pool *pool, bool watched)
{
    *order = (struct order){
        .pool = pool, .watched = watched, .cancelled = pool->own.cancelled};
}

void order_free(struct order *order)
{
    free(order->waiting);
    free(order->running);
    free(order->ended);
}

size_t order_size(const struct order *order)
{
    return order->last - order->first + order->running_count + order->ended_count -
           order->handed;
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
int order_reserve(struct order *order)
{
    bool room = order_size(order) < order->capacity;
    if (room && order->last < order->capacity)
        return 0;
    if (room && order->first > order->capacity / 2) {
        size_t count = order->last - order->first;
        memmove(order->waiting, order->waiting + order->first,
                count * sizeof(struct task *));
        order->first = 0;
        order->last = count;
        return 0;
    }
    size_t capacity = order->capacity != 0 ? 2 * order->capacity : 64;
    if (grow(&order->waiting, capacity) != 0 || grow(&order->running, capacity) != 0 ||
        grow(&order->ended, capacity) != 0)
        return -1;
    order->capacity = capacity;
    return 0;
}

/* Nearly always the task is the newest, or its place is near the end. The task itself is not
 * read: a worker's processor may have its cache line by now. */
void order_put(struct order *order, struct task *task, uint64_t ticket)
{
    size_t place = order->last++;
    assert(order->last <= order->capacity);
    if (place == order->first || ticket_earlier(order->newest, ticket)) {
        order->newest = ticket;
        order->waiting[place] = task;
        return;
    }
    for (int i = 0; place > order->first; i++, place--) {
        if (!ticket_earlier(ticket, ticket_of(order->waiting[place - 1])))
            break;
        if (i == NEAR) {
            order->unsorted = true;
            break;
        }
        order->waiting[place] = order->waiting[place - 1];
    }
    order->waiting[place] = task;
}

static int by_ticket(const void *a, const void *b)
{
    uint64_t left = ticket_of(*(struct task *const *)a);
    uint64_t right = ticket_of(*(struct task *const *)b);
    return ticket_earlier(right, left) - ticket_earlier(left, right);
}

/* Tasks that ended before they were watched come first; those that a broken pool ended, last.
 * Relaxed: the end was seen before. */
static int64_t time_of_end(struct task *task)
{
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    if (word_state(word) == TASK_BROKEN)
        return INT64_MAX;
    bool known = (word & WORD_WATCHED) != 0 && word_state(word) != TASK_CANCELLED;
    return known ? task->ended : 0;
}

static int by_end(const void *a, const void *b)
{
    int64_t left = time_of_end(*(struct task *const *)a);
    int64_t right = time_of_end(*(struct task *const *)b);
    return left != right ? (left > right) - (left < right) : by_ticket(a, b);
}

static void gather_running(struct order *order)
{
    size_t kept = 0;
    for (size_t i = 0; i < order->running_count; i++) {
        struct task *task = order->running[i];
        if (word_ended(task_word(task)))
            order->ended[order->ended_count++] = task;
        else
            order->running[kept++] = task;
    }
    order->running_count = kept;
}

static void gather_started(struct order *order)
{
    for (; order->first < order->last; order->first++) {
        struct task *task = order->waiting[order->first];
        if (order->last - order->first > PREFETCH)
            __builtin_prefetch(order->waiting[order->first + PREFETCH]);
        enum task_state state = word_state(task_word(task));
        if (state == TASK_WAITING)
            return;
        if (state == TASK_RUNNING)
            order->running[order->running_count++] = task;
        else
            order->ended[order->ended_count++] = task;
    }
    order->first = order->last = 0;
}

/* Cancelled tasks may be anywhere among the waiting ones. */
static void gather_cancelled(struct order *order)
{
    size_t kept = order->first;
    for (size_t i = order->first; i < order->last; i++) {
        struct task *task = order->waiting[i];
        if (word_state(task_word(task)) == TASK_CANCELLED)
            order->ended[order->ended_count++] = task;
        else
            order->waiting[kept++] = task;
    }
    order->last = kept;
    order->cancelled = order->pool->own.cancelled;
}

/* Move the ended tasks to ended[], which is empty. */
static void gather(struct order *order)
{
    assert(order->handed == order->ended_count);
    order->handed = order->ended_count = 0;
    gather_running(order);
    if (order->unsorted)
        qsort(order->waiting + order->first, order->last - order->first,
              sizeof(struct task *), by_ticket);
    order->unsorted = false;
    gather_started(order);
    if (order->ended_count == 0 && order->cancelled != order->pool->own.cancelled)
        gather_cancelled(order);
    if (order->watched && order->ended_count > 1)
        qsort(order->ended, order->ended_count, sizeof(struct task *), by_end);
}

struct task *order_take_ended(struct order *order)
{
    if (order->handed == order->ended_count)
        gather(order);
    return order->handed < order->ended_count ? order->ended[order->handed++] : NULL;
}
