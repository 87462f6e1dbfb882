/*
 * order.h: tasks in the order in which they end.
 *
 * Tasks start in the order of their tickets. So an order keeps its tasks sorted by ticket and
 * looks only at the first one that it does not know to have started, and at those that run, of
 * which there are never more than workers. Finding the ended ones therefore costs the same
 * however many wait. The worker that ends a task does nothing for it beyond writing the time of
 * the end: there is no list that a dying worker could leave half linked.
 */
#ifndef ORDER_H
#define ORDER_H

#include "shared.h"

struct order {
    struct pool *pool;
    bool watched;    /* its tasks wake the program when they end */
    bool unsorted;   /* waiting[] has to be sorted first */
    uint64_t newest; /* the highest ticket in waiting[], or a higher one */
    uint64_t
        cancelled; /* pool->own.cancelled when cancelled tasks were last looked for */

    size_t capacity;       /* of each array */
    struct task **waiting; /* [first, last): not known to have started */
    size_t first, last;
    struct task **running;
    size_t running_count;
    struct task **ended; /* [handed, ended_count): not yet handed out */
    size_t handed, ended_count;
};

/* An empty one; order_free() frees what it has allocated by then. */
void order_init(struct order *order, struct pool *pool, bool watched);
void order_free(struct order *order);

/* How many tasks are in it. */
size_t order_size(const struct order *order);

/* Make room for another task. -1: ENOMEM. */
int order_reserve(struct order *order);

/* Add a published task; there is room. */
void order_put(struct order *order, struct task *task, uint64_t ticket);

/* Take out the next task that has ended. NULL: none has. */
struct task *order_take_ended(struct order *order);

/* The ticket of a task to which the program has a handle: it does not change. */
static inline uint64_t ticket_of(struct task *task)
{
    return word_ticket(atomic_load_explicit(&task->word, memory_order_relaxed));
}

#endif
