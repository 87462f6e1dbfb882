/* The first that ended is still the first that ended. */
#include "as_completed.h"

#include <stdlib.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    for (size_t i = 0; i < count; i++) {
        ssize_t first = future_wait_first(futures, count, POOL_FOREVER);
        if (first < 0)
            return -1;
        each(futures[first]);
    }
    return 0;
}
