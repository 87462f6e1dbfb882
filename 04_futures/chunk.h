/*
 * chunk.h: one task for many items of a map: it calls the map's function for each in turn.
 */
#ifndef CHUNK_H
#define CHUNK_H

#include <stdatomic.h>

#include "future.h"

/* What all chunks of a map have in common. */
struct chunk_kind {
    future_function *work;
    size_t input_size, result_size;
    bool stops; /* at the first item that fails */
};

/* A task's argument. Behind it lie the inputs, the numbers returned and the results. */
struct chunk {
    struct chunk_kind kind;
    size_t count;
    size_t inputs_at, returned_at, results_at; /* from the start of this struct */
    _Atomic size_t ended; /* how many items have ended, even if the worker has died */
    _Atomic bool stop;    /* by the program: begin no more items */
};

static inline char *chunk_input(struct chunk *chunk, size_t item)
{
    return (char *)chunk + chunk->inputs_at + item * chunk->kind.input_size;
}

static inline int *chunk_returned(struct chunk *chunk, size_t item)
{
    return (int *)((char *)chunk + chunk->returned_at) + item;
}

static inline char *chunk_result(struct chunk *chunk, size_t item)
{
    return (char *)chunk + chunk->results_at + item * chunk->kind.result_size;
}

/* Submit a chunk of `count` items with a copy of their inputs, in a block that has room for `room`
 * items: where memory is scarce, it fits where another chunk of the map was. The caller has checked
 * that the sizes can be added up without overflow. NULL: errors as for task_new() and
 * task_publish(). */
struct chunk *chunk_submit(struct pool *pool, const struct chunk_kind *kind,
                           const void *inputs, size_t count, size_t room);

#endif
