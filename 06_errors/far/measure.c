/*
 * measure.c: how many tasks a second, over nodes or in a pool of this machine.
 *
 *     build/06_errors/far/measure --jobs 1000 --microseconds 1000
 *     build/06_errors/far/measure --jobs 1000 --microseconds 1000 --pool 2
 *
 * The tasks sleep, so that several machines simulated on one are as fast as real ones. With
 * --compute they compute instead. Prints the seconds that all took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "far.h"
#include "work.h"

static long jobs = 1000, microseconds, workers, window = 64, compute;

static const struct work *find(const char *name)
{
    const struct work *work = works;
    while (strcmp(work->name, name) != 0)
        work++;
    return work;
}

static void run_here(const struct work *work)
{
    long result;
    struct pool *pool = pool_open((int)workers);
    struct future **futures = calloc((size_t)jobs, sizeof(struct future *));
    if (pool == NULL || futures == NULL)
        demo_fail("cannot open a pool");
    double start = demo_clock();
    for (long i = 0; i < jobs; i++)
        futures[i] = future_submit(pool, work->function, &microseconds, sizeof(long),
                                   sizeof(long));
    for (long i = 0; i < jobs; i++) {
        if (future_result(futures[i], POOL_FOREVER, &result) != FUTURE_OK)
            demo_fail("a task has failed");
        future_free(futures[i]);
    }
    printf("%.4f\n", demo_clock() - start);
    free(futures);
    pool_close(pool);
}

static void run_far(const struct work *work)
{
    long result;
    struct far *far = far_open(&(struct far_options){.window = (size_t)window});
    struct far_future **futures = calloc((size_t)jobs, sizeof(struct far_future *));
    if (far == NULL || futures == NULL)
        demo_fail("no memory");
    double start = demo_clock();
    for (long i = 0; i < jobs; i++)
        futures[i] =
            far_submit(far, work->name, &microseconds, sizeof(long), sizeof(long));
    for (long i = 0; i < jobs; i++) {
        if (far_result(futures[i], FAR_FOREVER, &result) != FUTURE_OK)
            demo_fail("a task has failed: %s", far_error(futures[i]));
        far_free(futures[i]);
    }
    printf("%.4f\n", demo_clock() - start);
    free(futures);
    far_close(far);
}

int main(int argc, char **argv)
{
    demo_start(
        argc, argv, "Run many tasks; print how many seconds that took.",
        (struct demo_option[]){
            {"jobs", &jobs, 1, 10000000, "tasks"},
            {"microseconds", &microseconds, 0, 10000000, "that each of them takes"},
            {"pool", &workers, 0, POOL_MAX_WORKERS, "workers here, no nodes; 0: nodes"},
            {"window", &window, 1, 65536, "most jobs at the job server"},
            {"compute", &compute, 0, 0, "tasks that are busy, not asleep"},
            {.name = NULL}});
    work_prepare();
    const struct work *work = find(compute ? "compute" : "nap");
    if (workers > 0)
        run_here(work);
    else
        run_far(work);
    return demo_end();
}
