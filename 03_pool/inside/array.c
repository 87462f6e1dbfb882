/*
 * array.c: see array.h.
 */
#include "array.h"

#include <stdlib.h>

#include "linux_memory.h"

#define FIRST      ((size_t)64)
#define LEAST_STEP (((size_t)1 << 16) / sizeof(void *))
#define MOST_STEP  (((size_t)1 << 21) / sizeof(void *))

void *array_grow(void *array, size_t *capacity, size_t *places)
{
    void **grown = array;
    if (*capacity == *places) {
        size_t more = *places != 0 ? 2 * *places : FIRST;
        grown = realloc(array, more * sizeof *grown);
        if (grown == NULL)
            return NULL;
        *places = more;
    }
    size_t step = *places - *capacity < MOST_STEP ? *places - *capacity : MOST_STEP;
    if (step >= LEAST_STEP)
        memory_populate(grown + *capacity, step * sizeof *grown);
    *capacity += step;
    return grown;
}
