/*
 * pause.h: the program waits: check for a dead foreman, read the state of a task, nap or sleep.
 */
#ifndef PAUSE_H
#define PAUSE_H

#include "handle.h"
#include "shared.h"

#define CHECK_INTERVAL INT64_C(100000000) /* nanoseconds between two checks */

/* A thread closes the pool, or has called exit(): it takes no more tasks. */
static inline bool pool_is_ending(struct pool *pool)
{
    return pool->own.closing || atomic_load(&pool->shared->closing) != OPEN;
}

/* Ask the kernel whether the foreman is alive, and if it is not, mark the pool as broken. */
bool pool_is_broken(struct pool *pool);

/* The same, at most ten times a second. It then also repairs lost wake-ups and returns memory. A
 * killed foreman can't ring the program's bell, so every wait, and every look at a task that has
 * not ended, calls this. */
bool pool_check(struct pool *pool);

/*
 * Wait on the program's bell, if it has not rung since it was read as `seen`; no longer than to
 * the deadline, and no longer than until the next check of the foreman. May return early: the
 * caller looks again.
 */
void pool_pause(struct pool *pool, uint32_t seen, int64_t deadline);

/* task_word() for a task that has not ended: once the pool is broken, it never will. */
uint64_t task_broken_word(struct task *task, uint64_t word);

/* The task's word, with BROKEN for what a broken pool leaves; it does not check the foreman. */
static inline uint64_t task_word(struct task *task)
{
    uint64_t word = atomic_load_explicit(&task->word, memory_order_acquire);
    return word_ended(word) ? word : task_broken_word(task, word);
}

/* Have the process that ends the task wake the program. False: it has ended already. */
bool task_watch(struct task *task);

#endif
