/* Waits for all, then hands them over. */
#include "as_completed.h"

#include <stdlib.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    if (future_wait_all(futures, count, POOL_FOREVER) != FUTURE_OK)
        return -1;
    for (size_t i = 0; i < count; i++)
        each(futures[i]);
    return 0;
}
