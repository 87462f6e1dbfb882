/*
 * pool_submit.c: the pool of this repository without futures: pool_submit() and no results.
 *
 * The harness needs results, so the tasks write them to shared memory themselves. Only
 * pool_close() waits for all tasks, so the time includes it.
 */
#include <sys/mman.h>

#include "../harness.h"
#include "pool.h"

struct order {
    work_function *work;
    int argument;
    int *result;
};

static struct pool *pool;
static int pool_workers_wanted;
static int *results;
static size_t results_size;

static void pool_peer_open(int workers)
{
    pool_workers_wanted = workers;
}

static void run(void *argument)
{
    struct order *order = argument;
    order->work(&order->argument, order->result);
}

static void submit(struct job *jobs, size_t count)
{
    results_size = count * sizeof *results;
    results = shared_memory(results_size);
    pool = pool_open(pool_workers_wanted);
    if (pool == NULL)
        die("pool_open");
    for (size_t i = 0; i < count; i++) {
        struct order order = {jobs[i].work, jobs[i].argument, &results[i]};
        if (pool_submit(pool, run, &order, sizeof order) != 0)
            die("pool_submit");
    }
}

static void collect(struct job *jobs, size_t count)
{
    if (pool_close(pool) != 0)
        die("pool_close");
    for (size_t i = 0; i < count; i++)
        jobs[i].result = results[i];
    munmap(results, results_size);
}

static void pool_peer_close(void)
{
}

const struct peer peer = {pool_peer_open, submit, collect, pool_peer_close, NULL};
