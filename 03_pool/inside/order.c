/*
 * order.c: see order.h.
 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "block.h"
#include "pause.h"

#define PREFETCH      8
#define NEAR          16
#define LOOSE_AT_ONCE ((size_t)4096)

/* ---- Arrays ---- */

size_t order_size(const struct order *order)
{
    return order->last - order->first - order->cancelled + order->ended_count -
           order->handed + order->noted;
}

/* In a batch ended[] may come to hold all the tasks, and has twice the room for them, so that its
 * contents are rarely moved to the front. Loose tasks are not sorted by their ends, so they need
 * not all be in ended[] at once. */
static int grow_ended(struct order *order)
{
    size_t most = 2 * order->places;
    if (order->number == 0 && most > LOOSE_AT_ONCE)
        most = LOOSE_AT_ONCE;
    if (order->most_ended >= most)
        return 0;
    struct task **grown = realloc(order->ended, most * sizeof *grown);
    if (grown == NULL)
        return -1;
    order->ended = grown;
    order->most_ended = most;
    return 0;
}

/* waiting[] may come to hold all the tasks. */
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
    size_t capacity = order->capacity;
    struct task **grown = array_grow(order->waiting, &capacity, &order->places);
    if (grown == NULL)
        return -1;
    order->waiting = grown;
    if (grow_ended(order) != 0)
        return -1;
    order->capacity = capacity;
    return 0;
}

static void note(struct order *order, struct task *task)
{
    size_t end = order->ended_count + order->noted;
    if (end == order->most_ended) {
        end -= order->handed;
        memmove(order->ended, order->ended + order->handed, end * sizeof(struct task *));
        order->ended_count -= order->handed;
        order->handed = 0;
    }
    assert(end < order->most_ended);
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

/* The first entry of waiting[] that is not known to have started. */
static size_t unstarted(const struct order *order)
{
    return order->first + order->running;
}

/* True if this ticket is known to be above all in waiting[] from unstarted() on. If `newest` is
 * older than the last renumbering, nothing is known: tasks there may have higher tickets by now. */
static bool is_newest(const struct order *order, uint64_t ticket)
{
    return order->last == unstarted(order) ||
           (ticket_earlier(order->newest, ticket) &&
            !ticket_earlier(order->newest, order->pool->own.queue.renumbered));
}

/* Whether the new task belongs behind this one. A cancelled task's ticket may be from before a
 * renumbering: look past it. Relaxed: the ticket and CANCELLED are written by the program. */
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
    for (int i = 0; place > unstarted(order); i++, place--) {
        if (belongs_behind(ticket, order->waiting[place - 1]))
            break;
        if (i == NEAR) {
            order->unsorted = true;
            break;
        }
    }
    if (place > unstarted(order) && order->waiting[place - 1] == task)
        return; /* it is there */
    memmove(order->waiting + place + 1, order->waiting + place,
            (order->last - place) * sizeof(struct task *));
    order->waiting[place] = task;
    if (place == order->last++)
        order->newest = ticket;
}

static bool is_running(const struct order *order, const struct task *task)
{
    for (size_t i = order->first; i < unstarted(order); i++)
        if (order->waiting[i] == task)
            return true;
    return false;
}

/* Where a task belongs among those that are sorted and not yet handed out. */
static size_t place_among_ended(const struct order *order, struct task *task)
{
    size_t first = order->handed, end = order->ended_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (by_end(&task, &order->ended[middle]) > 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* Note an ended task that is added. If it ended before one that is sorted already, it comes out
 * before that; all ends before that one are known. A duplicate among those sorted is left out here,
 * one among those noted since by gather(). */
static void note_ended(struct order *order, struct task *task)
{
    note(order, task);
    size_t place = place_among_ended(order, task);
    if (place == order->ended_count)
        return;
    order->noted--;
    if (order->ended[place] == task)
        return;
    size_t behind = order->ended_count++ + order->noted - place;
    memmove(order->ended + place + 1, order->ended + place,
            behind * sizeof(struct task *));
    order->ended[place] = task;
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
        if (word_order(word) == number && number != WORD_ORDERS)
            return 0; /* it is there */
        watched = word_in_order(watched, word_order(word) == 0 ? number : WORD_ORDERS);
    } while (!atomic_compare_exchange_weak(&task->word, &word, watched));
    if (word_state(word) != TASK_RUNNING || !is_running(order, task))
        order_put(order, task, word_ticket(word));
    return 0;
}

/* ---- Cancelled tasks ---- */

bool order_has_noted(const struct order *order, uint64_t word)
{
    return order_has_cancelled(word) && word_order(word) == order->number;
}

void order_drop(struct order *order, struct task *task, uint64_t word)
{
    order->cancelled--;
    if ((word & WORD_LOOSE) != 0)
        block_put(task);
    else
        atomic_store_explicit(&task->word, word_in_order(word, 0), memory_order_relaxed);
}

/* Remove the cancelled tasks from waiting[]; note those that were not noted yet. */
static void gather_cancelled(struct order *order)
{
    size_t kept = unstarted(order);
    for (size_t i = kept; i < order->last; i++) {
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

/* A task that ran when it was looked at may have ended before one that was looked at later: once
 * the later end was seen, the earlier one can be. So look again at those that ran: they are the
 * first `kept` of waiting[]. An end after the latest one seen is left for the next time, as a task
 * that was not looked at yet may have ended before it. Returns how many remain. */
static size_t gather_earlier_ends(struct order *order, size_t kept)
{
    struct task **running = order->waiting + order->first;
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < order->ended_count; i++)
        if (latest < time_of_end(order->ended[i]))
            latest = time_of_end(order->ended[i]);
    size_t remain = 0;
    for (size_t i = 0; i < kept; i++)
        if (word_ended(task_word(running[i])) && time_of_end(running[i]) <= latest)
            order->ended[order->ended_count++] = running[i];
        else
            running[remain++] = running[i];
    return remain;
}

/* Tasks that still run remain in front of those that wait. */
static void gather_started(struct order *order)
{
    size_t kept = 0, i = order->first, noted = order->ended_count;
    for (; i < order->last && order->ended_count < order->most_ended; i++) {
        struct task *task = order->waiting[i];
        if (order->last - i > PREFETCH)
            __builtin_prefetch(order->waiting[i + PREFETCH]);
        uint64_t word = task_word(task);
        if (word_state(word) == TASK_WAITING)
            break;
        if (word_state(word) == TASK_RUNNING)
            order->waiting[order->first + kept++] = task;
        else if (order_has_noted(order, word))
            order_drop(order, task, word);
        else
            order->ended[order->ended_count++] = task;
    }
    if (kept > 0 && order->ended_count > noted && order->number != 0)
        kept = gather_earlier_ends(order, kept);
    size_t front = i < order->last ? i - kept : 0;
    if (kept > 0)
        memmove(order->waiting + front, order->waiting + order->first,
                kept * sizeof(struct task *));
    order->running = kept + (i < unstarted(order) ? unstarted(order) - i : 0);
    order->first = front;
    if (i == order->last)
        order->last = kept;
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
    size_t waiting = unstarted(order);
    if (order->unsorted)
        order->last =
            waiting + sort(order->waiting + waiting, order->last - waiting, by_ticket);
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
