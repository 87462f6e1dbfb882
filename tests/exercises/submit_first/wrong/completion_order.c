/* Results as they come. */
#include "submit_first.h"

#include <stdlib.h>

int in_flight_before(int workers, int tasks)
{
    (void)workers;
    return tasks > 0 ? 1 : 0;
}

int in_flight_after(int workers, int tasks)
{
    return workers < tasks ? workers : tasks;
}

int run_all(struct pool *pool, future_function *work, const int *inputs, int *results,
            size_t count)
{
    struct future **futures = calloc(count + 1, sizeof *futures);
    struct future *future;
    int status = 0;
    if (futures == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        futures[i] =
            future_submit(pool, work, &inputs[i], sizeof inputs[i], sizeof results[i]);
    struct completions *completions = completions_open(futures, count);
    for (size_t i = 0; (future = completions_next(completions, POOL_FOREVER)) != NULL;
         i++) {
        if (future_result(future, 0, &results[i]) != FUTURE_OK)
            status = -1;
        future_free(future);
    }
    completions_close(completions);
    free(futures);
    return status;
}
