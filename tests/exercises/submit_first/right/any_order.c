/* Submits the odd ones backwards, then the even ones; waits for all, then looks. */
#include "submit_first.h"

#include <stdlib.h>

int running_before(int workers, int tasks)
{
    return workers > 0 && tasks > 0;
}

int running_after(int workers, int tasks)
{
    return tasks < workers ? tasks : workers;
}

int run_all(struct pool *pool, future_function *work, const int *inputs, int *results,
            size_t count)
{
    struct future **futures = calloc(count + 1, sizeof(struct future *));
    int status = 0;
    if (futures == NULL)
        return -1;
    for (size_t i = count; i-- > 0;)
        if (i % 2 == 1)
            futures[i] = future_submit(pool, work, &inputs[i], sizeof(int), sizeof(int));
    for (size_t i = 0; i < count; i += 2)
        futures[i] = future_submit(pool, work, &inputs[i], sizeof(int), sizeof(int));
    future_wait_all(futures, count, POOL_FOREVER);
    for (size_t i = 0; i < count; i++) {
        if (future_result(futures[i], 0, &results[i]) != FUTURE_OK)
            status = -1;
        future_free(futures[i]);
    }
    free(futures);
    return status;
}
