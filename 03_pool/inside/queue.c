/*
 * queue.c: see queue.h.
 */
#include "queue.h"

#include <errno.h>

#define FIRST_RING ((size_t)1024)

/* All zero: a worker with an old view may read entries that were never written. */
static struct ring *new_ring(struct arena *arena, size_t entries)
{
    size_t size = sizeof(struct ring) + entries * sizeof(struct task *);
    struct ring *ring = arena_new(arena, arena_class(size));
    if (ring != NULL)
        ring->mask = entries - 1;
    return ring;
}

static void use_ring(struct queue *queue, struct queue_writer *writer, struct ring *ring)
{
    uint64_t entries = ring->mask + 1;
    writer->ring = ring;
    writer->room = entries < writer->limit ? entries : writer->limit;
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

size_t queue_length(const struct queue *queue)
{
    uint64_t head = atomic_load(&queue->head); /* first: then the tail is not behind it */
    return (size_t)(atomic_load(&queue->tail) - head);
}

/* The old ring is left to workers that may still read it. */
int queue_grow(struct queue *queue, struct queue_writer *writer, struct arena *arena)
{
    if (writer->room >= writer->limit) {
        errno = EAGAIN;
        return -1;
    }
    struct ring *old = writer->ring;
    struct ring *ring = new_ring(arena, 2 * (old->mask + 1));
    if (ring == NULL)
        return -1;
    /* Relaxed: the entries are published with the ring. */
    for (uint64_t ticket = writer->head_seen; ticket != writer->tail; ticket++)
        atomic_store_explicit(
            &ring->entry[ticket & ring->mask],
            atomic_load_explicit(&old->entry[ticket & old->mask], memory_order_relaxed),
            memory_order_relaxed);
    use_ring(queue, writer, ring);
    return 0;
}

void queue_skip_cancelled(struct queue *queue, const struct queue_writer *writer)
{
    struct ring *ring = writer->ring;
    uint64_t head = atomic_load(&queue->head);
    while (head != writer->tail) {
        struct task *task = atomic_load(&ring->entry[head & ring->mask]);
        if (word_waits(atomic_load(&task->word), head))
            return;
        if (atomic_compare_exchange_strong(&queue->head, &head, head + 1))
            head++;
    }
}
