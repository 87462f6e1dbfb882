/*
 * loose.h: loose tasks, to which the program has no handle: those of pool_submit(), and those it
 * freed before their end. The pool frees them, when it needs memory for the next.
 */
#ifndef LOOSE_H
#define LOOSE_H

#include "shared.h"

/* For block_get() when no block of that size is free. */
struct task *block_get_slowly(struct pool *pool, unsigned size_class);

/* A block for a task of that class, with what the task that had it last left in it, or zero.
 * NULL: ENOMEM. See gather_for_reuse() for how many new ones are taken without a look. */
static inline struct task *block_get(struct pool *pool, unsigned size_class)
{
    struct task *task = arena_reuse(&pool->arena, size_class);
    if (task == NULL && ++pool->own.misses <= pool->own.patience)
        task = arena_new_quickly(&pool->arena, size_class);
    return task != NULL ? task : block_get_slowly(pool, size_class);
}

/* Free the loose tasks that have ended and count the lost ones. Returns how many were freed. */
size_t block_gather_loose(struct pool *pool);

#endif
