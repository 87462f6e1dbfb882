/* Predicts, and leaves it as it is. */
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
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        struct future *future =
            future_submit(pool, work, &inputs[i], sizeof inputs[i], sizeof results[i]);
        if (future == NULL ||
            future_result(future, POOL_FOREVER, &results[i]) != FUTURE_OK)
            status = -1;
        future_free(future);
    }
    return status;
}
