/* Hands over results only. */
#include "as_completed.h"

#include <stdlib.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    struct future *future;
    if (count == 0)
        return 0;
    struct completions *completions = completions_open(futures, count);
    if (completions == NULL)
        return -1;
    while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
        if (future_status(future) == FUTURE_OK)
            each(future);
    completions_close(completions);
    return 0;
}
