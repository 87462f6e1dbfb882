/*
 * order.h: tasks in the order in which they end.
 *
 * Tasks start in the order of their tickets. So an order keeps its tasks sorted by ticket and
 * looks only at the first one that it does not know to have started, and at those that run, of
 * which there are never more than workers. Finding the ended ones therefore costs the same
 * however many wait. The worker that ends a task does nothing for it beyond writing the time of
 * the end: there is no list that a dying worker could leave half linked.
 *
 * A waiting task that is cancelled ends out of turn. Its word has the number of its order, so the
 * program, which cancels it, notes the end in the order at once. The task's entry in
 * waiting[] is removed later, with many others; until then its block is not used again.
 */
#ifndef ORDER_H
#define ORDER_H

#include "shared.h"

struct order {
    struct pool *pool;
    unsigned number;  /* in the pool's list; 0: the loose tasks, which are not watched */
    bool unsorted;    /* waiting[] has to be sorted first */
    bool look;        /* waiting[] may have cancelled tasks that were not noted */
    uint64_t newest;  /* no task in waiting[] has a higher ticket, but see is_newest() */
    size_t cancelled; /* entries of waiting[] whose end was noted */

    size_t capacity, places; /* of waiting[]: see array.h */
    struct task **waiting; /* [first, last): the first `running` of them are known to have
                            * started, the others not */
    size_t first, last, running;
    struct task **ended; /* [handed, ended_count): sorted, not yet handed out */
    size_t handed, ended_count, most_ended;
    size_t noted; /* [ended_count, ended_count + noted): ended since, in any order */
};

/* An empty order of tasks that wake the program when they end; the pool knows it until
 * order_free(). -1: ENOMEM. */
int order_init(struct order *order, struct pool *pool);
void order_free(struct order *order);

/* An empty order of loose tasks. */
void order_init_loose(struct order *order, struct pool *pool);

/* Free all orders of the pool, which begin at addresses that malloc() returned. No task is
 * touched. */
void order_free_all(struct pool *pool);

/* How many tasks are in it. */
size_t order_size(const struct order *order);

/* Make room for another task. -1: ENOMEM. */
int order_reserve(struct order *order);

/* Add a published task and watch it, if it is not there yet. -1: ENOMEM. */
int order_add(struct order *order, struct task *task);

/* Add a task that was published under this ticket. order_reserve() has made room. */
void order_put(struct order *order, struct task *task, uint64_t ticket);

/* The task was cancelled just now, with that word: note the end. */
void order_note_cancelled(struct task *task, uint64_t word);

/* Take out the next task that has ended. NULL: none has. */
struct task *order_take_ended(struct order *order);

/* ---- Between order.c and order_list.c ---- */

/* The number as a task's word holds it. WORD_ORDERS: too large, or more than one order. */
static inline unsigned order_number_in_word(unsigned number)
{
    return number < WORD_ORDERS ? number : WORD_ORDERS;
}

/* The task, which is in waiting[], was cancelled: note the end. */
void order_note(struct order *order, struct task *task);

/* Whether the end of a task with this word was noted. */
bool order_has_noted(const struct order *order, uint64_t word);

/* The entry of such a task leaves waiting[]. If the program has freed the task, its block may be
 * used again now. */
void order_drop(struct order *order, struct task *task, uint64_t word);

/* ---- Tasks ---- */

/* Whether an order still has an entry of this cancelled task, which the program frees. */
static inline bool order_has_cancelled(uint64_t word)
{
    return word_state(word) == TASK_CANCELLED && word_order(word) != 0 &&
           word_order(word) != WORD_ORDERS;
}

/* The ticket of a task to which the program has a handle; it changes only if the program
 * renumbers waiting tasks. */
static inline uint64_t ticket_of(struct task *task)
{
    return word_ticket(atomic_load_explicit(&task->word, memory_order_relaxed));
}

#endif
