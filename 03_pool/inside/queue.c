/*
 * queue.c: see queue.h.
 */
#include "queue.h"

#include <errno.h>

#include "linux_memory.h"

#define FIRST_RING ((size_t)1024)

/* All zero: a worker whose `head` is old, or that comes to a ticket that renumbering left to no
 * task, reads an entry that was never written. */
static struct ring *new_ring(struct arena *arena, size_t entries)
{
    size_t size = sizeof(struct ring) + entries * sizeof(struct task *);
    struct ring *ring = arena_new(arena, arena_class(size));
    if (ring == NULL)
        return NULL;
    if (size > ARENA_STEP)
        memory_populate(ring, size); /* half of it is written at once, the rest likely */
    ring->mask = entries - 1;
    return ring;
}

static struct task *entry_of(struct ring *ring, uint64_t ticket)
{
    return atomic_load_explicit(&ring->entry[ticket & ring->mask], memory_order_relaxed);
}

/* Relaxed: an entry is published with the ring, or by the tail. A worker that misses
 * queue_cancel()'s NULL finds a word that does not wait under that ticket. */
static void set_entry(struct ring *ring, uint64_t ticket, struct task *task)
{
    atomic_store_explicit(&ring->entry[ticket & ring->mask], task, memory_order_relaxed);
}

/* There is room for as many tickets as the ring has entries, but for no more tasks than `limit`:
 * holes do not count as tasks. */
static void set_room(struct queue *queue, struct queue_writer *writer)
{
    uint64_t entries = writer->ring->mask + 1;
    uint64_t most = writer->limit < UINT64_MAX - writer->holes
                        ? writer->limit + writer->holes
                        : UINT64_MAX;
    writer->room = entries < most ? entries : most;
    atomic_store_explicit(&queue->counted, writer->head_seen, memory_order_relaxed);
    atomic_store_explicit(&queue->holes, writer->holes, memory_order_relaxed);
}

static void use_ring(struct queue *queue, struct queue_writer *writer, struct ring *ring)
{
    writer->ring = ring;
    set_room(queue, writer);
    atomic_store_explicit(&queue->ring, ring, memory_order_release);
}

int queue_open(struct queue *queue, struct queue_writer *writer, struct arena *arena,
               size_t limit)
{
    struct ring *ring = new_ring(arena, FIRST_RING);
    if (ring == NULL)
        return -1;
    writer->limit = limit;
    use_ring(queue, writer, ring);
    return 0;
}

/* ---- How many wait ---- */

static uint64_t holes_between(struct ring *ring, uint64_t from, uint64_t to)
{
    uint64_t holes = 0;
    for (; from != to; from++)
        holes += entry_of(ring, from) == NULL;
    return holes;
}

/* Observers look while the program writes: what they read need not fit together. */
size_t queue_length(struct queue *queue)
{
    uint64_t head = atomic_load(&queue->head); /* first: then it is not above the tail */
    uint64_t length = atomic_load(&queue->tail) - head;
    uint64_t holes = atomic_load(&queue->holes);
    if (holes == 0)
        return (size_t)length;
    uint64_t counted = atomic_load(&queue->counted);
    struct ring *ring = atomic_load(&queue->ring);
    uint64_t passed =
        head - counted <= ring->mask + 1 ? holes_between(ring, counted, head) : holes;
    holes -= passed < holes ? passed : holes;
    return (size_t)(length > holes ? length - holes : 0);
}

/* Acquire: the process that moved the head had read the entries, which the program may now
 * overwrite. */
static void see_head(struct queue *queue, struct queue_writer *writer)
{
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
    assert(writer->tail - head <= writer->ring->mask + 1);
    if (writer->holes != 0) {
        writer->holes -= holes_between(writer->ring, writer->head_seen, head);
        writer->head_seen = head;
        set_room(queue, writer);
    }
    writer->head_seen = head;
}

/* ---- Cancel ---- */

/* Move the head past what no longer waits. */
static void skip_cancelled(struct queue *queue, const struct queue_writer *writer)
{
    uint64_t head = atomic_load(&queue->head);
    while (head != writer->tail) {
        struct task *task = entry_of(writer->ring, head);
        if (task != NULL && word_waits(atomic_load(&task->word), head))
            return;
        if (atomic_compare_exchange_strong(&queue->head, &head, head + 1))
            head++;
    }
}

/* A worker may have moved the head past the task by now: then it leaves no hole. */
void queue_cancel(struct queue *queue, struct queue_writer *writer, uint64_t ticket)
{
    see_head(queue, writer);
    if (((writer->tail - ticket) & TICKET_MASK) <= writer->tail - writer->head_seen) {
        set_entry(writer->ring, ticket, NULL);
        writer->holes++;
    }
    skip_cancelled(queue, writer);
    see_head(queue, writer);
    set_room(queue, writer);
}

/* ---- Another ring ---- */

bool queue_look(struct queue *queue, struct queue_writer *writer)
{
    see_head(queue, writer);
    return writer->tail - writer->head_seen < writer->room;
}

static void copy_entries(struct ring *ring, const struct queue_writer *writer)
{
    for (uint64_t ticket = writer->head_seen; ticket != writer->tail; ticket++)
        set_entry(ring, ticket, entry_of(writer->ring, ticket));
}

/* Give the task the new ticket. False: a worker has it. */
static bool renumber_task(struct task *task, uint64_t old, uint64_t new)
{
    uint64_t word = atomic_load(&task->word);
    while (word_waits(word, old))
        if (atomic_compare_exchange_weak(&task->word, &word, word_renumber(word, new)))
            return true;
    return false;
}

/*
 * Move the waiting tasks to another ring, without the holes: the last one first, so that the tasks
 * that wait under old tickets are always those in front. If workers take tasks meanwhile, the
 * lowest new tickets, one for each of these, belong to no task, and the head is moved past them.
 * When the new ring is published, no task waits under a ticket below the old tail. So a worker that
 * finds the head at such a ticket may move it, whatever is at its place in the new ring.
 */
static void renumber(struct queue *queue, struct queue_writer *writer, struct ring *ring)
{
    uint64_t old_tail = writer->tail;
    /* The first new ticket given to a task: so far none, so it is the new tail. */
    uint64_t first = old_tail + (old_tail - writer->head_seen - writer->holes);
    writer->tail = first;
    for (uint64_t ticket = old_tail; ticket-- != writer->head_seen;) {
        struct task *task = entry_of(writer->ring, ticket);
        if (task == NULL || !renumber_task(task, ticket, first - 1))
            continue;
        set_entry(ring, --first, task);
    }
    writer->spare = writer->ring;
    writer->renumbered = old_tail;
    writer->holes = 0;
    writer->head_seen = first;
    use_ring(queue, writer, ring);
    atomic_store(&queue->tail, writer->tail);
    uint64_t head = atomic_load(&queue->head);
    while (head < first && !atomic_compare_exchange_weak(&queue->head, &head, first))
        continue;
}

/* Renumber into a ring of the same size. It may hold old entries, of tickets that are past. */
static int renumber_all(struct queue *queue, struct queue_writer *writer,
                        struct arena *arena)
{
    struct ring *ring = writer->spare != NULL
                            ? writer->spare
                            : new_ring(arena, (size_t)writer->ring->mask + 1);
    if (ring == NULL)
        return -1;
    renumber(queue, writer, ring);
    return 0;
}

static int grow(struct queue *queue, struct queue_writer *writer, struct arena *arena)
{
    struct ring *ring = new_ring(arena, 2 * ((size_t)writer->ring->mask + 1));
    if (ring == NULL)
        return -1;
    copy_entries(ring, writer);
    writer->spare = NULL;
    use_ring(queue, writer, ring);
    return 0;
}

/* If the ring is replaced, at least half of the new one is free. So each task pays for a constant
 * part of the work, whether it is cancelled or waits. */
int queue_make_room(struct queue *queue, struct queue_writer *writer, struct arena *arena)
{
    if (queue_is_full(writer)) {
        /* A worker may have been stopped before it could move the head. */
        skip_cancelled(queue, writer);
        if (queue_look(queue, writer))
            return 0;
        if (queue_is_full(writer)) {
            errno = EAGAIN;
            return -1;
        }
    }
    uint64_t length = writer->tail - writer->head_seen;
    return 2 * writer->holes >= length ? renumber_all(queue, writer, arena)
                                       : grow(queue, writer, arena);
}

/* ---- What waits ---- */

struct task *queue_next_waiting(struct queue *queue, const struct queue_writer *writer,
                                uint64_t *ticket)
{
    uint64_t head = atomic_load(&queue->head);
    for (*ticket = *ticket > head ? *ticket : head; *ticket != writer->tail;) {
        uint64_t this = (*ticket)++;
        struct task *task = entry_of(writer->ring, this);
        if (task != NULL && word_waits(atomic_load(&task->word), this))
            return task;
    }
    return NULL;
}

bool queue_watch_head(struct queue *queue, const struct queue_writer *writer)
{
    struct task *task;
    for (uint64_t next = 0; (task = queue_next_waiting(queue, writer, &next)) != NULL;) {
        uint64_t word = atomic_load(&task->word);
        while (word_waits(word, next - 1))
            if (atomic_compare_exchange_weak(&task->word, &word, word | WORD_ROOM)) {
                /* A worker may have taken the task before this one, and not yet moved the head. */
                skip_cancelled(queue, writer);
                return true;
            }
    }
    return false;
}
