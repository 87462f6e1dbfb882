/*
 * queue.h: the queue of waiting tasks. One writer, the program; many readers, the workers.
 *
 * What holds at any time:
 *  1. A task that waits under a ticket t below the tail stands at entry[t & mask] of the current
 *     ring, and of the ring of each view whose tail is above t. (The tail moves last, when word,
 *     entry and ring have been written.) A cancelled task's entry in the current ring is NULL, a
 *     hole.
 *  2. head <= tail. The tail moves only forward, and only the program moves it.
 *  3. The head moves from t to t + 1 only when the word of t's task no longer says "WAITING
 *     under ticket t". So no task waits under a ticket below the head.
 *  4. A worker owns a task when it has swapped the task's word from WAITING to RUNNING, and at
 *     no other time.
 *
 * Moving the head is a courtesy: a worker may be killed between taking a task and moving the
 * head, and any process that finds the head at a ticket that no longer waits moves it.
 *
 * Holes take room, so when half of a full ring is holes, the program renumbers the waiting tasks:
 * it gives them new tickets, beyond the tail, from the last task to the first. Each swap of a
 * word (WAITING under the old ticket -> WAITING under the new one) races with the workers like
 * a cancel: a worker that took the task first has it. Meanwhile workers take from the front, so
 * the order is kept. See queue_make_room().
 *
 * An algorithm of this kind (a ring, tickets, a flag in the element) is Dmitry Vyukov's bounded
 * MPMC queue; here the flag is the task's own word, so that a death in the middle leaves nothing
 * half done.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "shared.h"

/* An empty queue with room for `limit` tasks. -1: ENOMEM. */
int queue_open(struct queue *queue, struct queue_writer *writer, struct arena *arena,
               size_t limit);

static inline bool queue_is_empty(const struct queue *queue)
{
    return atomic_load(&queue->head) == atomic_load(&queue->tail);
}

/* How many tasks wait, as of now or a moment ago. */
size_t queue_length(struct queue *queue);

/* ---- The writer ---- */

/* Read the head again. True: there is room now. */
bool queue_look(struct queue *queue, struct queue_writer *writer);

/* Whether there is room: queue_had_room() says it as of the last look at the head;
 * queue_has_room() looks again if there was none. */
static inline bool queue_had_room(const struct queue_writer *writer)
{
    return writer->tail - writer->head_seen < writer->room;
}

static inline bool queue_has_room(struct queue *queue, struct queue_writer *writer)
{
    return queue_had_room(writer) || queue_look(queue, writer);
}

/* Whether as many tasks wait as may, as of the last look at the head. If not, and there is no room,
 * queue_make_room() makes some. */
static inline bool queue_is_full(const struct queue_writer *writer)
{
    return writer->tail - writer->head_seen - writer->holes >= writer->limit;
}

/* There is no room from now on. */
static inline void queue_close(struct queue_writer *writer)
{
    writer->room = 0;
    writer->limit = 0;
}

/* Called when there is no room: make some, in most cases by replacing the ring. -1: EAGAIN (as many
 * tasks wait as may), ENOMEM. */
int queue_make_room(struct queue *queue, struct queue_writer *writer,
                    struct arena *arena);

/* Publish a new task, with these flags in its word. There must be room. The caller must then look
 * at the idle workers; the store of the tail is sequentially consistent with that: see wake.h. */
static inline void queue_put(struct queue *queue, struct queue_writer *writer,
                             struct task *task, uint64_t flags)
{
    uint64_t ticket = writer->tail++;
    struct ring *ring = writer->ring;
    assert(word_state(atomic_load(&task->word)) == TASK_NEW);
    atomic_store_explicit(&task->word, word_make(ticket, TASK_WAITING) | flags,
                          memory_order_release);
    atomic_store_explicit(&ring->entry[ticket & ring->mask], task, memory_order_release);
    atomic_store(&queue->tail, ticket + 1);
}

/* The task under this ticket was cancelled: it leaves the queue, without a worker. */
void queue_cancel(struct queue *queue, struct queue_writer *writer, uint64_t ticket);

/* Set the flag ROOM of the oldest waiting task. False: no task waits. */
bool queue_watch_head(struct queue *queue, const struct queue_writer *writer);

/* The oldest task that waits under a ticket from *ticket on; *ticket becomes the ticket after it.
 * NULL: none does. Begin with 0. */
struct task *queue_next_waiting(struct queue *queue, const struct queue_writer *writer,
                                uint64_t *ticket);

/* ---- A reader ---- */

/* False: there is no ticket from `head` on. The ring is loaded after the tail, so that it has all
 * waiting tickets below the tail. */
static inline bool view_refresh(struct queue *queue, struct queue_view *view,
                                uint64_t head)
{
    view->tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
    view->ring = atomic_load_explicit(&queue->ring, memory_order_acquire);
    return head < view->tail;
}

/*
 * Take the oldest waiting task for worker `number`. NULL: none waits. The task is written to *claim
 * before it is taken: the foreman looks there when the worker has died.
 *
 * If the word of the entry is not "WAITING under this ticket", the ticket's task was taken,
 * cancelled or renumbered (its block may since hold a task with another ticket), so the head may
 * move on. The entry may be another ticket's in two cases. The ring was published later, after a
 * renumbering: then no task waits under this ticket. Or the program has reused the entry: then the
 * head is past this ticket, and the swap of the head fails.
 */
static inline struct task *queue_take(struct queue *queue, struct queue_view *view,
                                      _Atomic(struct task *) *claim, unsigned number)
{
    for (;;) {
        uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
        if (head >= view->tail && !view_refresh(queue, view, head))
            return NULL;
        struct ring *ring = view->ring;
        struct task *task =
            atomic_load_explicit(&ring->entry[head & ring->mask], memory_order_acquire);
        if (task != NULL) {
            uint64_t word = atomic_load_explicit(&task->word, memory_order_acquire);
            if (word_waits(word, head)) {
                /* Before the swap: a process that sees RUNNING finds the task here. */
                atomic_store_explicit(claim, task, memory_order_release);
                bool taken = atomic_compare_exchange_strong(&task->word, &word,
                                                            word_run_by(word, number));
                if (!taken)
                    continue; /* taken by another worker, cancelled, or being watched now */
                if ((word & WORD_ROOM) != 0)
                    view->room = true;
                atomic_compare_exchange_strong(&queue->head, &head, head + 1);
                return task;
            }
        }
        atomic_compare_exchange_strong(&queue->head, &head, head + 1);
    }
}

#endif
