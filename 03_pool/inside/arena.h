/*
 * arena.h: memory that the program hands out and that all processes of the pool share.
 *
 * Only the program allocates and frees, so the processes need no lock; its threads use the pool's
 * (lock.h). Sizes are rounded up to a power of two. A freed block goes on a stack of its size and
 * is handed out again whole, never split or merged. Hence the first word of a block remains the
 * first word of a block, and a worker that reads it late reads a task's word, not data. The stacks
 * are in the program's own memory, where no task can write.
 *
 * Small blocks are taken from the front, large ones from the back. Each process takes a page fault
 * when it first touches a page, which can cost more than the task in it. So for a program that
 * takes many small blocks, the arena allocates memory ahead: a quarter of what is in use, but from
 * 64 KiB to 2 MiB at a time. Workers map that memory in steps.
 *
 * The second half of the mapping is the margin: for each block an equal area at a fixed offset, for
 * notes about it. It costs memory only where it is written.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_SMALLEST 6 /* 2^6 bytes: a cache line */
#define ARENA_CLASSES  48
#define ARENA_LARGE    17 /* free blocks of 128 KiB and more keep one page of memory */
#define ARENA_STEP     ((size_t)1 << 16)

struct arena {
    char *base;
    size_t size; /* without the margin */

    /* For the program only; the copies in other processes are out of date. */
    size_t used;  /* everything below was handed out at least once ... */
    size_t top;   /* ... and so was everything from here on */
    size_t ready; /* everything below is allocated, or will not be allocated ahead */
    size_t quick; /* below this, a new block takes only an addition */
    /* `count` blocks, in the first `capacity` places of an array: see array.h. */
    struct free_blocks {
        void **block;
        size_t count, capacity;
        size_t floor; /* see surplus.c: first, only blocks above it are taken */
    } free[ARENA_CLASSES];
    size_t places[ARENA_CLASSES]; /* of these arrays */
    size_t given
        [ARENA_CLASSES]; /* the memory of so many blocks, the lowest, is given back */
};

/* Reserve address space for `size` bytes and as many of margin; 0: 64 GiB, or as much as the
 * system grants. -1: ENOMEM. */
int arena_open(struct arena *arena, size_t size);
void arena_close(struct arena *arena);

/* In a worker that has set a limit on its address space, which the arena alone may exceed: add the
 * size of the arena to that limit, as far as this process may. */
void arena_beside_limit(const struct arena *arena);

/* Whether a block could begin there; false for NULL. */
static inline bool arena_may_have(const struct arena *arena, const void *block)
{
    uintptr_t at = (uintptr_t)block - (uintptr_t)arena->base;
    return block != NULL && at < arena->size && at % (1u << ARENA_SMALLEST) == 0;
}

/* The class of blocks for that size, which is above 0: the binary logarithm, rounded up. The last
 * class is larger than any arena, so its blocks are always refused. */
static inline unsigned arena_class(size_t size)
{
    unsigned bits = size > 1 ? 64 - (unsigned)__builtin_clzll(size - 1) : 0;
    return bits < ARENA_SMALLEST  ? ARENA_SMALLEST
           : bits < ARENA_CLASSES ? bits
                                  : ARENA_CLASSES - 1;
}

/* A freed block. NULL: there is none above the floor. */
static inline void *arena_reuse(struct arena *arena, unsigned size_class)
{
    struct free_blocks *free = &arena->free[size_class];
    return free->count > free->floor ? free->block[--free->count] : NULL;
}

/* Whether there is a freed block below the floor. */
static inline bool arena_is_deeper(const struct arena *arena, unsigned size_class)
{
    return arena->free[size_class].floor != 0;
}

/* Take that block, and lower the floor a little. */
void *arena_reuse_deeper(struct arena *arena, unsigned size_class);

/* A block that was never handed out, all zero. Its distance from the base is a multiple of its
 * size, or of 64 KiB if that is less; so its address is aligned to its size, but to no more than a
 * page. NULL: ENOMEM. */
void *arena_new(struct arena *arena, unsigned size_class);

/* The same, if it takes only an addition; else NULL. */
static inline void *arena_new_quickly(struct arena *arena, unsigned size_class)
{
    size_t size = (size_t)1 << size_class;
    size_t at = (arena->used + size - 1) & ~(size - 1);
    if (size_class >= ARENA_LARGE || at + size > arena->quick)
        return NULL;
    arena->used = at + size;
    return arena->base + at;
}

/* A freed block or a new one. NULL: ENOMEM. */
void *arena_get(struct arena *arena, unsigned size_class);

/* Take a block back. The slow way is for large blocks, whose memory goes back to the system, and
 * for a stack that has to grow. */
void arena_put_slowly(struct arena *arena, void *block, unsigned size_class);

static inline void arena_put(struct arena *arena, void *block, unsigned size_class)
{
    struct free_blocks *free = &arena->free[size_class];
    if (free->count < free->capacity && size_class < ARENA_LARGE)
        free->block[free->count++] = block;
    else
        arena_put_slowly(arena, block, size_class);
}

/* Give the memory of a large block back to the system, except its first page. The block remains
 * allocated. */
void arena_empty(void *block, unsigned size_class);

/* The same for its margin, of which nothing remains. */
void arena_empty_margin(const struct arena *arena, void *block, unsigned size_class);

/* arena_empty_margin() and arena_put(). */
void arena_put_both(struct arena *arena, void *block, unsigned size_class);

/* How far a worker has mapped ahead: for a block below `end` it does nothing. Next it maps `step`
 * bytes. */
struct arena_mapped {
    uintptr_t end;
    size_t step;
};

/* The same for a new worker. */
struct arena_mapped arena_mapped(const struct arena *arena);

/* A worker is about to use this block, which lies behind what it has mapped: map some of what the
 * program has allocated, from there on. */
void arena_map_ahead(const struct arena *arena, struct arena_mapped *mapped,
                     const void *block);

#endif
