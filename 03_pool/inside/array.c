/*
 * array.c: see array.h.
 */
#include "array.h"

#include <stdlib.h>

#include "linux_memory.h"

#define FIRST      ((size_t)64)
#define LEAST_STEP (((size_t)1 << 16) / sizeof(void *))
#define MOST_STEP  (((size_t)1 << 21) / sizeof(void *))

void *array_grow(void *array, size_t *capacity, size_t *room)
{
    void **grown = array;
    if (*capacity == *room) {
        size_t more = *room != 0 ? 2 * *room : FIRST;
        grown = realloc(array, more * sizeof *grown);
        if (grown == NULL)
            return NULL;
        *room = more;
    }
    size_t step = *room - *capacity < MOST_STEP ? *room - *capacity : MOST_STEP;
    if (step >= LEAST_STEP)
        memory_populate(grown + *capacity, step * sizeof *grown);
    *capacity += step;
    return grown;
}
