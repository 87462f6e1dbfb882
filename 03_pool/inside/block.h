/*
 * block.h: free the block of a task.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "shared.h"

/* Free the task's block. No worker can take the task any more: one with an old view that reads the
 * word finds that the task does not wait or, once the block is used again, that another ticket
 * does. The flag LOOSE marks a freed block: see task_free(). */
static inline void block_put(struct task *task)
{
    struct arena *arena = &task->pool->arena;
    atomic_store_explicit(&task->word, TASK_NEW | WORD_LOOSE, memory_order_relaxed);
    if (task->margin_used)
        arena_put_both(arena, task, task->size_class);
    else
        arena_put(arena, task, task->size_class);
}

#endif
