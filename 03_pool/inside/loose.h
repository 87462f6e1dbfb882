/*
 * loose.h: loose tasks, to which the program has no handle: those of pool_submit(), and those that
 * it freed before their end. The pool frees ended ones when it needs memory for the next task.
 */
#ifndef LOOSE_H
#define LOOSE_H

#include "shared.h"

/* For block_get() when no block of that size is free. */
struct task *block_get_slowly(struct pool *pool, unsigned size_class);

/* A block for a task of that class. It holds what its last task left there, or zeros. NULL:
 * ENOMEM. gather_for_reuse() says how many new blocks are taken before ended tasks are freed. */
static inline struct task *block_get(struct pool *pool, unsigned size_class)
{
    struct task *task = arena_reuse(&pool->arena, size_class);
    if (task == NULL && !arena_is_deeper(&pool->arena, size_class) &&
        ++pool->own.misses <= pool->own.patience)
        task = arena_new_quickly(&pool->arena, size_class);
    return task != NULL ? task : block_get_slowly(pool, size_class);
}

/* Free the loose tasks that have ended and count the lost ones. Returns how many were freed. */
size_t block_gather_loose(struct pool *pool);

#endif
