/* solution.c: exercise 10, the reference. */
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
    struct future **futures = calloc(count + 1, sizeof *futures);
    int status = 0;
    if (futures == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        futures[i] =
            future_submit(pool, work, &inputs[i], sizeof inputs[i], sizeof results[i]);
    for (size_t i = 0; i < count; i++) {
        if (futures[i] == NULL ||
            future_result(futures[i], POOL_FOREVER, &results[i]) != FUTURE_OK)
            status = -1;
        future_free(futures[i]);
    }
    free(futures);
    return status;
}
