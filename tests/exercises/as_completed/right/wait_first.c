/* The ones that are left, in a copy of the array. */
#include "as_completed.h"

#include <stdlib.h>
#include <string.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    if (count == 0)
        return 0;
    struct future **left = malloc(count * sizeof *left);
    if (left == NULL)
        return -1;
    memcpy(left, futures, count * sizeof *left);
    while (count > 0) {
        ssize_t first = future_wait_first(left, count, POOL_FOREVER);
        if (first < 0)
            break;
        each(left[first]);
        left[first] = left[--count];
    }
    free(left);
    return count == 0 ? 0 : -1;
}
