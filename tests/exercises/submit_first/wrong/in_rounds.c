/* Submits as many as there are workers, waits for all of them, and again. */
#include "submit_first.h"

#include <stdlib.h>

int running_before(int workers, int tasks)
{
    (void)workers;
    return tasks > 0 ? 1 : 0;
}

int running_after(int workers, int tasks)
{
    return workers < tasks ? workers : tasks;
}

int run_all(struct pool *pool, future_function *work, const int *inputs, int *results,
            size_t count)
{
    struct future *futures[64];
    size_t round = (size_t)pool_workers(pool);
    int status = 0;
    for (size_t first = 0; first < count; first += round) {
        size_t end = first + round < count ? first + round : count;
        for (size_t i = first; i < end; i++)
            futures[i - first] = future_submit(pool, work, &inputs[i], sizeof inputs[i],
                                               sizeof results[i]);
        for (size_t i = first; i < end; i++) {
            if (future_result(futures[i - first], POOL_FOREVER, &results[i]) != FUTURE_OK)
                status = -1;
            future_free(futures[i - first]);
        }
    }
    return status;
}
