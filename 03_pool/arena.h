/*
 * arena.h: memory that the program hands out and its workers share.
 *
 * Only the program allocates and frees, so there is no lock. Sizes are rounded up to a
 * power of two; a freed block goes on a stack of its size and is handed out again as the
 * whole it was, never split or merged. Hence the first word of a block is the first word
 * of a block for ever, and a worker that looks at it late reads a state, not somebody's
 * data. The stacks are in the program's own memory, where no task, however wild, can write.
 *
 * Behind the arena lies a second one of the same size, its margin: what is written about a
 * block in the margin of a book. A block's margin is as large as the block, and costs
 * memory only if somebody writes there.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_SMALLEST 6 /* 2^6 bytes: a cache line */
#define ARENA_CLASSES  48
#define ARENA_DISCARDS 17 /* free blocks of 128 KiB and more keep no memory */

struct arena {
    char *base;
    size_t size; /* without the margin */
    size_t used; /* all below was handed out at least once */
    struct free_blocks {
        void **block;
        size_t count, capacity;
    } free[ARENA_CLASSES];
};

/* size 0: the default. -1 and errno: refused. */
int arena_open(struct arena *arena, size_t size);
void arena_close(struct arena *arena);

/* Whether there could be a block; false for NULL. */
static inline bool arena_may_have(const struct arena *arena, const void *block)
{
    uintptr_t at = (uintptr_t)block - (uintptr_t)arena->base;
    return block != NULL && at < arena->size && at % (1u << ARENA_SMALLEST) == 0;
}

/* The class of blocks for that size, not 0. The last class is larger than any arena: its
 * blocks, and all larger ones, are always refused. */
static inline unsigned arena_class(size_t size)
{
    unsigned bits = size > 1 ? 64 - (unsigned)__builtin_clzll(size - 1) : 0;
    return bits < ARENA_SMALLEST  ? ARENA_SMALLEST
           : bits < ARENA_CLASSES ? bits
                                  : ARENA_CLASSES - 1;
}

/* A block that was freed, or NULL if there is none. */
static inline void *arena_reuse(struct arena *arena, unsigned size_class)
{
    struct free_blocks *free = &arena->free[size_class];
    return free->count > 0 ? free->block[--free->count] : NULL;
}

/* A block that nobody had before, all zero; NULL and ENOMEM. Aligned to its size, and to a
 * page where it is larger. */
void *arena_new(struct arena *arena, unsigned size_class);

/* The one or the other. */
void *arena_get(struct arena *arena, unsigned size_class);

/* Take a block back. The slow way is for the large ones, which give up their memory, and when
 * the stack has to grow. */
void arena_put_slowly(struct arena *arena, void *block, unsigned size_class);

static inline void arena_put(struct arena *arena, void *block, unsigned size_class)
{
    struct free_blocks *free = &arena->free[size_class];
    if (free->count < free->capacity && size_class < ARENA_DISCARDS)
        free->block[free->count++] = block;
    else
        arena_put_slowly(arena, block, size_class);
}

/* Give the memory of a large block back to the system, but for its first page. The block
 * stays whose it is. */
void arena_empty(void *block, unsigned size_class);

#endif
