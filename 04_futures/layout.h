/*
 * layout.h: where arguments and results lie in a task's block.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "task.h"

/* A block of at least this size begins on a multiple of it; no type needs more. */
#define LARGEST_ALIGNMENT ((size_t)4096)

/*
 * The first place, at `at` or after it, that is aligned for any object of that size. Places are
 * counted from the task's argument. The alignment of a type is a power of two that divides its
 * size, so at most the lowest bit set in the size. A place is aligned if its distance from the
 * start of the block is, because the block itself is aligned to its size or LARGEST_ALIGNMENT.
 * This wastes little, since block sizes are powers of two in any case.
 */
static inline size_t place_for(size_t at, size_t size)
{
    size_t most = size | LARGEST_ALIGNMENT;
    size_t alignment = size != 0 ? most & (~most + 1) : 1;
    size_t place = (POOL_TASK_SIZE + at + alignment - 1) & ~(alignment - 1);
    return place - POOL_TASK_SIZE;
}

#endif
