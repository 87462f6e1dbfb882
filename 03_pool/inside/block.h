/*
 * block.h: free the block of a task.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "shared.h"

/* Free the task's block. No worker can take the task any more: a worker with an old view that reads
 * the word does not find WAITING under its ticket, as the block is free, or holds a task with
 * another ticket. The flag LOOSE marks a freed block: see task_free(). */
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
