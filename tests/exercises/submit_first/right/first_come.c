/* Submits from the last to the first, and fetches by whichever has ended. */
#include "submit_first.h"

#include <stdlib.h>

int running_before(int workers, int tasks)
{
    (void)workers;
    return tasks > 0;
}

int running_after(int workers, int tasks)
{
    return tasks < workers ? tasks : workers;
}

int run_all(struct pool *pool, future_function *work, const int *inputs, int *results,
            size_t count)
{
    struct future **futures = calloc(count + 1, sizeof *futures);
    size_t *at = calloc(count + 1, sizeof *at), left = count;
    int status = futures != NULL && at != NULL ? 0 : -1;
    for (size_t i = count; status == 0 && i-- > 0;) {
        futures[i] = future_submit(pool, work, &inputs[i], sizeof(int), sizeof(int));
        at[i] = i;
    }
    while (left > 0 && futures != NULL) {
        ssize_t first = future_wait_first(futures, left, POOL_FOREVER);
        if (first < 0)
            break;
        if (future_result(futures[first], POOL_FOREVER, &results[at[first]]) != FUTURE_OK)
            status = -1;
        future_free(futures[first]);
        left--;
        futures[first] = futures[left];
        at[first] = at[left];
    }
    free(futures);
    free(at);
    return left == 0 ? status : -1;
}
