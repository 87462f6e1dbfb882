/*
 * chunk.c: see chunk.h.
 */
#include "chunk.h"

#include <errno.h>
#include <string.h>

#include "layout.h"

/* The task's function, in the worker. */
static void run_chunk(void *argument)
{
    struct chunk *chunk = argument;
    unsigned process = task_process();
    for (size_t i = 0; i < chunk->count && !atomic_load(&chunk->stop); i++) {
        int returned = chunk->kind.work(chunk_input(chunk, i), chunk_result(chunk, i));
        if (task_process() != process)
            return; /* a child that the function forked: it does not go on */
        *chunk_returned(chunk, i) = returned;
        atomic_store(&chunk->ended, i + 1);
        if (returned != 0 && chunk->kind.stops)
            return;
    }
}

/* A chunk not yet submitted, its inputs not yet filled in. With places for `room` items. */
static struct chunk *make(struct pool *pool, const struct chunk_kind *kind, size_t count,
                          size_t room)
{
    size_t inputs_at = place_for(sizeof(struct chunk), kind->input_size);
    size_t returned_at = place_for(inputs_at + room * kind->input_size, sizeof(int));
    size_t results_at = place_for(returned_at + room * sizeof(int), kind->result_size);
    struct task *task = task_new(pool, run_chunk, results_at + room * kind->result_size);
    if (task == NULL)
        return NULL;
    struct chunk *chunk = task_argument(task);
    *chunk = (struct chunk){.kind = *kind,
                            .count = count,
                            .inputs_at = inputs_at,
                            .returned_at = returned_at,
                            .results_at = results_at};
    return chunk;
}

struct chunk *chunk_submit(struct pool *pool, const struct chunk_kind *kind,
                           const void *inputs, size_t count, size_t room)
{
    struct chunk *chunk = make(pool, kind, count, room);
    if (chunk == NULL)
        return NULL;
    if (kind->input_size > 0)
        memcpy(chunk_input(chunk, 0), inputs, count * kind->input_size);
    if (task_publish(task_of(chunk)) == 0)
        return chunk;
    int saved = errno;
    task_free(task_of(chunk));
    errno = saved;
    return NULL;
}
