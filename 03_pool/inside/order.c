/*
 * order.c: see order.h.
 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "pause.h"

#define PREFETCH 8
#define NEAR     16

/* ---- Arrays ---- */

size_t order_size(const struct order *order)
{
    return order->last - order->first - order->cancelled + order->running_count +
           order->ended_count - order->handed + order->noted;
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
        grow(&order->ended, 2 * capacity) != 0)
        return -1;
    order->capacity = capacity;
    return 0;
}

/* The array has twice the room it needs, so that its contents are rarely moved to the front. */
static void note(struct order *order, struct task *task)
{
    size_t end = order->ended_count + order->noted;
    if (end == 2 * order->capacity) {
        end -= order->handed;
        memmove(order->ended, order->ended + order->handed, end * sizeof(struct task *));
        order->ended_count -= order->handed;
        order->handed = 0;
    }
    assert(end < 2 * order->capacity);
    order->ended[end] = task;
    order->noted++;
}

/* ---- Sorted by ticket, by time ---- */

static int by_ticket(const void *a, const void *b)
{
    uint64_t left = ticket_of(*(struct task *const *)a);
    uint64_t right = ticket_of(*(struct task *const *)b);
    return ticket_earlier(right, left) - ticket_earlier(left, right);
}

/* Those that a broken pool ended come last. Relaxed: the end was seen before. */
static int64_t time_of_end(struct task *task)
{
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    return word_state(word) == TASK_BROKEN ? INT64_MAX : task->ended;
}

static int by_end(const void *a, const void *b)
{
    int64_t left = time_of_end(*(struct task *const *)a);
    int64_t right = time_of_end(*(struct task *const *)b);
    return left != right ? (left > right) - (left < right) : by_ticket(a, b);
}

/* Sort, and leave out what is there twice. Returns how many remain. */
static size_t sort(struct task **array, size_t count,
                   int (*compare)(const void *, const void *))
{
    if (count < 2)
        return count;
    qsort(array, count, sizeof(struct task *), compare);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (array[i] != array[kept - 1])
            array[kept++] = array[i];
    return kept;
}

/* ---- Add ---- */

/* True if this ticket is known to be above all in waiting[]. If `newest` is older than the last
 * renumbering, nothing is known: tasks in waiting[] may have higher tickets by now. */
static bool is_newest(const struct order *order, uint64_t ticket)
{
    return order->last == order->first ||
           (ticket_earlier(order->newest, ticket) &&
            !ticket_earlier(order->newest, order->pool->own.queue.renumbered));
}

/* Whether the new task belongs behind this one. A cancelled task's ticket may be from before a
 * renumbering: look past it. */
static bool belongs_behind(uint64_t ticket, struct task *task)
{
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    return word_state(word) != TASK_CANCELLED &&
           !ticket_earlier(ticket, word_ticket(word));
}

/* Nearly always the task is the newest, or its place is near the end. The task itself is not
 * read: a worker's processor may have its cache line by now. */
void order_put(struct order *order, struct task *task, uint64_t ticket)
{
    if (is_newest(order, ticket)) {
        order->newest = ticket;
        order->waiting[order->last++] = task;
        return;
    }
    size_t place = order->last;
    assert(place < order->capacity);
    for (int i = 0; place > order->first; i++, place--) {
        if (belongs_behind(ticket, order->waiting[place - 1]))
            break;
        if (i == NEAR) {
            order->unsorted = true;
            break;
        }
    }
    if (place > order->first && order->waiting[place - 1] == task)
        return; /* it is there */
    memmove(order->waiting + place + 1, order->waiting + place,
            (order->last - place) * sizeof(struct task *));
    order->waiting[place] = task;
    if (place == order->last++)
        order->newest = ticket;
}

static bool is_running(const struct order *order, const struct task *task)
{
    for (size_t i = 0; i < order->running_count; i++)
        if (order->running[i] == task)
            return true;
    return false;
}

/* Note the task unless it is among the ended ones already. If it is among those noted since,
 * gather() leaves out the duplicate. */
static void note_ended(struct order *order, struct task *task)
{
    size_t count = order->ended_count - order->handed;
    if (count == 0 || bsearch(&task, order->ended + order->handed, count,
                              sizeof(struct task *), by_end) == NULL)
        note(order, task);
}

int order_add(struct order *order, struct task *task)
{
    if (order_reserve(order) != 0)
        return -1;
    unsigned number = order_number_in_word(order->number);
    uint64_t word = task_word(task), watched;
    do {
        if (word_ended(word)) {
            note_ended(order, task);
            return 0;
        }
        watched = word | WORD_WATCHED;
        if (word_state(word) != TASK_WAITING)
            continue;
        if (word_batch(word) == number && number != WORD_BATCHES)
            return 0; /* it is there */
        watched = word_in_batch(watched, word_batch(word) == 0 ? number : WORD_BATCHES);
    } while (!atomic_compare_exchange_weak(&task->word, &word, watched));
    if (word_state(word) != TASK_RUNNING || !is_running(order, task))
        order_put(order, task, word_ticket(word));
    return 0;
}

/* ---- Cancelled tasks ---- */

bool order_has_noted(const struct order *order, uint64_t word)
{
    return order_has_cancelled(word) && word_batch(word) == order->number;
}

void order_drop(struct order *order, struct task *task, uint64_t word)
{
    order->cancelled--;
    if ((word & WORD_LOOSE) != 0)
        block_put(task);
    else
        atomic_store_explicit(&task->word, word_in_batch(word, 0), memory_order_relaxed);
}

/* Remove the cancelled tasks from waiting[]; note those that were not noted yet. */
static void gather_cancelled(struct order *order)
{
    size_t kept = order->first;
    for (size_t i = order->first; i < order->last; i++) {
        struct task *task = order->waiting[i];
        uint64_t word = task_word(task);
        if (order_has_noted(order, word))
            order_drop(order, task, word);
        else if (word_state(word) == TASK_CANCELLED)
            note(order, task);
        else
            order->waiting[kept++] = task;
    }
    order->last = kept;
    order->look = false;
}

void order_note(struct order *order, struct task *task)
{
    note(order, task);
    order->cancelled++;
    /* At most two entries are looked through for each cancelled task: a constant cost. */
    if (order->cancelled > NEAR && 2 * order->cancelled > order->last - order->first)
        gather_cancelled(order);
}

/* ---- Take out ---- */

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
        uint64_t word = task_word(task);
        if (word_state(word) == TASK_WAITING)
            return;
        if (word_state(word) == TASK_RUNNING)
            order->running[order->running_count++] = task;
        else if (order_has_noted(order, word))
            order_drop(order, task, word);
        else
            order->ended[order->ended_count++] = task;
    }
    order->first = order->last = 0;
}

/* All of ended[] was handed out: refill it with the tasks that have ended since. */
static void gather(struct order *order)
{
    assert(order->handed == order->ended_count);
    if (order->look)
        gather_cancelled(order);
    if (order->noted > 0) /* or ended may be a null pointer */
        memmove(order->ended, order->ended + order->ended_count,
                order->noted * sizeof(struct task *));
    order->handed = 0;
    order->ended_count = order->noted;
    order->noted = 0;
    gather_running(order);
    if (order->unsorted)
        order->last = order->first + sort(order->waiting + order->first,
                                          order->last - order->first, by_ticket);
    order->unsorted = false;
    gather_started(order);
    if (order->number != 0)
        order->ended_count = sort(order->ended, order->ended_count, by_end);
}

struct task *order_take_ended(struct order *order)
{
    if (order->handed == order->ended_count)
        gather(order);
    return order->handed < order->ended_count ? order->ended[order->handed++] : NULL;
}
