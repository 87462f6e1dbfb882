/*
 * pool.c: the pool of this repository. As a user would: submit futures, then ask each for
 * its result. NAME pool-submit: tasks without a result. NAME pool-map: future_map().
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

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
    for (size_t i = 0; i < count; i++) {
        jobs[i].handle = future_submit(pool, jobs[i].work, &jobs[i].argument, sizeof(int),
                                       sizeof(int));
        if (jobs[i].handle == NULL)
            die("future_submit");
    }
}

/* The result of a lost task is left as it was; the caller checks for that. */
static void collect(struct job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        future_result(jobs[i].handle, POOL_FOREVER, &jobs[i].result);
        future_free(jobs[i].handle);
    }
}

static void pool_peer_close(void)
{
    if (pool_close(pool) < 0)
        die("pool_close");
}

static void data(work_function *work, const void *argument, size_t argument_size,
                 size_t result_size, void (*use)(const void *result))
{
    struct future *future =
        future_submit(pool, work, argument, argument_size, result_size);
    if (future == NULL)
        die("future_submit");
    if (future_result(future, POOL_FOREVER, NULL) != FUTURE_OK)
        die("future_result");
    use(future_value(future));
    future_free(future);
}

const struct peer peer = {pool_peer_open, submit, collect, pool_peer_close, data};
