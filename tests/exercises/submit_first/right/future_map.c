/* By chapter 4's map, an item in each task. */
#include "submit_first.h"

#include <stdlib.h>

int running_before(int workers, int tasks)
{
    return workers < 1 || tasks < 1 ? 0 : 1;
}

int running_after(int workers, int tasks)
{
    return tasks < workers ? tasks : workers;
}

int run_all(struct pool *pool, future_function *work, const int *inputs, int *results,
            size_t count)
{
    enum future_status *status = calloc(count + 1, sizeof *status);
    struct map_options options = {.chunk = 1, .status = status};
    int bad = 0;
    future_map(pool, work, inputs, count, sizeof *inputs, results, sizeof *results,
               &options);
    for (size_t i = 0; i < count; i++)
        if (status[i] != FUTURE_OK)
            bad = -1;
    free(status);
    return bad;
}
