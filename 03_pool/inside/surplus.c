/*
 * surplus.c: see surplus.h.
 *
 * Each stack of free blocks has a floor. look() sets it to the top of the stack; whenever no block
 * above it is left, arena_reuse_deeper() lowers it a little. So at the next look, seconds later,
 * the blocks below the floor are those that were not needed meanwhile. Their memory goes back to
 * the system, where a whole step of the arena is free; the blocks stay on the stack. When such a
 * block is used again, it and its margin are zero, as those of a new block.
 */
#include "surplus.h"

#include <pthread.h>
#include <stdlib.h>

#include "linux_memory.h"
#include "lock.h"

#define INTERVAL INT64_C(2000000000) /* nanoseconds */
#define LEAST    ((size_t)4 << 20)   /* bytes: less is not worth giving back */

static size_t step_of(const struct arena *arena, const void *block)
{
    return (size_t)((const char *)block - arena->base) / ARENA_STEP;
}

/* Give back the memory of steps [first, end), and their margin. */
static void discard_steps(const struct arena *arena, size_t first, size_t end)
{
    char *memory = arena->base + first * ARENA_STEP;
    size_t size = (end - first) * ARENA_STEP;
    shared_discard(memory, size);
    shared_discard(memory + arena->size, size);
}

/* Give back the memory of the blocks below the floor, of one class. False: no memory to do it. */
static bool give_back(const struct arena *arena, unsigned size_class)
{
    const struct free_blocks *blocks = &arena->free[size_class];
    size_t steps = arena->used / ARENA_STEP;
    uint32_t *bytes = calloc(steps + 1, sizeof *bytes); /* free ones in each step */
    if (bytes == NULL)
        return false;
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
    return true;
}

static void look(struct arena *arena)
{
    for (unsigned size_class = ARENA_SMALLEST; size_class < ARENA_LARGE; size_class++) {
        struct free_blocks *free = &arena->free[size_class];
        size_t more = (free->floor - arena->given[size_class]) << size_class;
        if (more >= LEAST && give_back(arena, size_class))
            arena->given[size_class] = free->floor;
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
