/* Stops when one is left. */
#include "as_completed.h"

#include <stdlib.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    struct completions *completions = completions_open(futures, count);
    if (completions == NULL)
        return -1;
    for (size_t i = 1; i < count; i++)
        each(completions_next(completions, POOL_FOREVER));
    completions_close(completions);
    return 0;
}
