/*
 * layout.h: where arguments and results lie in a task's block.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "task.h"

/* Blocks of that size and more begin on such a boundary at least; no type asks for more. */
#define LARGEST_ALIGNMENT ((size_t)4096)

/*
 * The first place for an object of that size at `at` or behind it, counted from the task's
 * argument. A type's size is a multiple of its alignment, which is a power of two: at most the
 * lowest bit of the size. A block begins on a boundary of its own size, so the place is counted
 * from there. That costs next to nothing: a block's size is a power of two in any case.
 */
static inline size_t place_for(size_t at, size_t size)
{
    size_t most = size | LARGEST_ALIGNMENT;
    size_t alignment = size != 0 ? most & (~most + 1) : 1;
    size_t place = (POOL_TASK_SIZE + at + alignment - 1) & ~(alignment - 1);
    return place - POOL_TASK_SIZE;
}

#endif
