/*
 * loose.c: see loose.h.
 */
#include "loose.h"

#include <errno.h>

#include "block.h"
#include "order.h"
#include "pause.h"

#define MOST_PATIENCE 127

size_t block_gather_loose(struct pool *pool)
{
    struct task *task;
    size_t count = 0;
    for (; (task = order_take_ended(pool->own.loose)) != NULL; count++) {
        enum task_state end = word_state(task_word(task));
        if (end == TASK_LOST || end == TASK_EXPIRED || end == TASK_BROKEN)
            pool->own.lost++;
        block_put(task);
    }
    int saved = errno;
    if (count == 0)
        pool_check(
            pool); /* a program that only submits learns here that the pool broke */
    errno = saved;
    return count;
}

/*
 * Before memory is taken that was never used, the blocks of ended loose tasks are gathered. If
 * that gave nothing, the next blocks are taken without a look, up to MOST_PATIENCE of them: many
 * tasks may wait, and each look costs.
 */
__attribute__((noinline)) static bool gather_for_reuse(struct pool *pool)
{
    struct program *own = &pool->own;
    own->misses = 0;
    bool gathered = block_gather_loose(pool) > 0;
    if (gathered)
        own->patience = 0;
    else if (own->patience < MOST_PATIENCE)
        own->patience = 2 * own->patience + 1;
    return gathered;
}

struct task *block_get_slowly(struct pool *pool, unsigned size_class)
{
    if (arena_is_deeper(&pool->arena, size_class))
        return arena_reuse_deeper(&pool->arena, size_class);
    if (pool->own.misses > pool->own.patience && gather_for_reuse(pool))
        return arena_get(&pool->arena, size_class);
    struct task *task = arena_new(&pool->arena, size_class);
    if (task == NULL && block_gather_loose(pool) > 0)
        task = arena_get(&pool->arena, size_class);
    return task;
}
