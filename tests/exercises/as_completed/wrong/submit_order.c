/* One after the other, as they were submitted. */
#include "as_completed.h"

#include <stdlib.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    for (size_t i = 0; i < count; i++) {
        future_result(futures[i], POOL_FOREVER, NULL);
        each(futures[i]);
    }
    return 0;
}
