/*
 * solution.c: exercise 8, the reference.
 */
#include "as_completed.h"

#include <errno.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    struct future *future;
    if (count == 0)
        return 0;
    struct completions *completions = completions_open(futures, count);
    if (completions == NULL)
        return -1;
    while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
        each(future);
    int error = errno;
    completions_close(completions);
    return error == ENOENT ? 0 : -1;
}
