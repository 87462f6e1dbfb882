/*
 * block.c: see block.h.
 */
#include "block.h"

/* The word keeps its ticket, so a worker with an old view does not take the block's next task
 * for this one. The flag LOOSE marks a freed block: see task_free(). */
void block_put(struct task *task)
{
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    atomic_store_explicit(&task->word,
                          word_make(word_ticket(word), TASK_NEW) | WORD_LOOSE,
                          memory_order_relaxed);
    if (task->margin_used)
        arena_empty_margin(&task->pool->arena, task, task->size_class);
    arena_put(&task->pool->arena, task, task->size_class);
}
