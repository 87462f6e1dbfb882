/*
 * pool_map.c: the pool of this repository, future_map(): items go out in chunks.
 */
#include <stdlib.h>

#include "../harness.h"
#include "future.h"

static struct pool *pool;

static void pool_peer_open(int workers)
{
    pool = pool_open(workers);
    if (pool == NULL)
        die("pool_open");
}

static void submit(struct job *jobs, size_t count)
{
    (void)jobs;
    (void)count;
}

static void collect(struct job *jobs, size_t count)
{
    int *inputs = calloc(count, sizeof *inputs);
    int *results = calloc(count, sizeof *results);
    if (inputs == NULL || results == NULL)
        die("malloc");
    for (size_t i = 0; i < count; i++)
        inputs[i] = jobs[i].argument;
    if (future_map(pool, jobs[0].work, inputs, count, sizeof(int), results, sizeof(int),
                   NULL) != FUTURE_OK)
        die("future_map");
    for (size_t i = 0; i < count; i++)
        jobs[i].result = results[i];
    free(inputs);
    free(results);
}

static void pool_peer_close(void)
{
    if (pool_close(pool) < 0)
        die("pool_close");
}

const struct peer peer = {pool_peer_open, submit, collect, pool_peer_close, NULL};
