/* All are handed on at once, ended or not. */
#include "as_completed.h"

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    for (size_t i = 0; i < count; i++)
        each(futures[i]);
    return 0;
}
