/*
 * surplus.c: see surplus.h.
 *
 * A stack of free blocks has a floor. What lies below it was not needed since the last look, some
 * seconds ago: at the look the floor is at the top, and it is lowered a little each time the stack
 * is empty above it. The memory of the blocks below goes back to the system, where a whole step of
 * the arena is free; the blocks stay in the stack. What was given back is zero when it is used
 * again, also the margin, as that of a block never used.
 */
#include "surplus.h"

#include <pthread.h>
#include <stdlib.h>

#include "linux_memory.h"
#include "lock.h"

#define INTERVAL INT64_C(2000000000) /* nanoseconds */
#define LEAST    ((size_t)4 << 20)   /* less is not worth a look */

static size_t step_of(const struct arena *arena, const void *block)
{
    return (size_t)((const char *)block - arena->base) / ARENA_STEP;
}

/* The memory of steps [first, end). */
static void discard_steps(const struct arena *arena, size_t first, size_t end)
{
    char *memory = arena->base + first * ARENA_STEP;
    size_t size = (end - first) * ARENA_STEP;
    shared_discard(memory, size);
    shared_discard(memory + arena->size, size);
}

/* The blocks of one class below the floor. */
static void give_back(const struct arena *arena, unsigned size_class)
{
    const struct free_blocks *blocks = &arena->free[size_class];
    size_t steps = arena->used / ARENA_STEP;
    uint32_t *bytes = calloc(steps + 1, sizeof *bytes); /* free ones in each step */
    if (bytes == NULL)
        return;
    for (size_t i = 0; i < blocks->floor; i++)
        bytes[step_of(arena, blocks->block[i])] += UINT32_C(1) << size_class;
    for (size_t end = 0; end < steps;) {
        size_t first = end++;
        if (bytes[first] != ARENA_STEP)
            continue;
        while (end < steps && bytes[end] == ARENA_STEP)
            end++;
        discard_steps(arena, first, end);
    }
    free(bytes);
}

static void look(struct arena *arena)
{
    for (unsigned size_class = ARENA_SMALLEST; size_class < ARENA_LARGE; size_class++) {
        struct free_blocks *free = &arena->free[size_class];
        if ((free->floor - arena->given[size_class]) << size_class >= LEAST) {
            give_back(arena, size_class);
            arena->given[size_class] = free->floor;
        }
        free->floor = free->count;
    }
}

/* This thread may hold the lock, in block_gather_loose(). Then a later call looks. */
void surplus_return(struct pool *pool, int64_t now)
{
    bool locked = !SINGLE_THREADED;
    if (locked && pthread_mutex_trylock(&pool->own.lock) != 0)
        return;
    if (now >= pool->own.next_surplus) {
        pool->own.next_surplus = now + INTERVAL;
        look(&pool->arena);
    }
    pool_unlock(pool, locked);
}
