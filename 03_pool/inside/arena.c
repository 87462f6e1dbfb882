/*
 * arena.c: see arena.h.
 */
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "linux.h"

#define PAGE ((size_t)4096)

/* Address space is free on a 64-bit machine; pages are paid for when they are touched. */
#define DEFAULT_SIZE ((size_t)(SIZE_MAX > UINT32_MAX ? UINT64_C(1) << 37 : 1u << 28))
/* If that is refused, by a limit or by a system that does not overcommit. */
#define MODEST_SIZE ((size_t)1 << 30)
#define LEAST_SIZE  ((size_t)1 << 22)

/* Under a limit on address space, leave most of it to the program. */
static size_t within_limits(size_t size)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return size;
    size_t quarter = (size_t)limit.rlim_cur / 4;
    return quarter < size ? quarter & ~(2 * PAGE - 1) : size;
}

int arena_open(struct arena *arena, size_t size)
{
    *arena = (struct arena){.base = NULL};
    if (size >= (size_t)1 << (ARENA_CLASSES - 1)) {
        errno = ENOMEM;
        return -1;
    }
    if (size != 0) {
        size = 2 * ((size + PAGE - 1) & ~(PAGE - 1));
        arena->base = shared_map(size);
    } else {
        size = within_limits(DEFAULT_SIZE);
        arena->base = shared_map(size);
        if (arena->base == NULL && size > MODEST_SIZE)
            arena->base = shared_map(size = MODEST_SIZE);
        while (arena->base == NULL && size / 4 >= LEAST_SIZE)
            arena->base = shared_map(size /= 4);
    }
    arena->size = size / 2;
    return arena->base != NULL ? 0 : -1;
}

void arena_close(struct arena *arena)
{
    for (int i = 0; i < ARENA_CLASSES; i++)
        free(arena->free[i].block);
    shared_unmap(arena->base, 2 * arena->size);
    arena->base = NULL;
}

void *arena_get(struct arena *arena, unsigned size_class)
{
    void *block = arena_reuse(arena, size_class);
    return block != NULL ? block : arena_new(arena, size_class);
}

void *arena_new(struct arena *arena, unsigned size_class)
{
    size_t size = (size_t)1 << size_class;
    size_t align = size < PAGE ? size : PAGE;
    size_t at = (arena->used + align - 1) & ~(align - 1);
    if (at > arena->size || size > arena->size - at) {
        errno = ENOMEM;
        return NULL;
    }
    arena->used = at + size;
    char *block = arena->base + at;
    /* It is zero. But a page that is first read, then written, faults twice. */
    *block = 0;
    return block;
}

void arena_put_slowly(struct arena *arena, void *block, unsigned size_class)
{
    if (size_class >= ARENA_CLASSES)
        return; /* a task has overwritten its own head: the block stays allocated */
    struct free_blocks *free = &arena->free[size_class];
    if (free->count == free->capacity) {
        size_t capacity = free->capacity != 0 ? 2 * free->capacity : 64;
        void **grown = realloc(free->block, capacity * sizeof *grown);
        if (grown == NULL)
            return; /* the block stays allocated until the pool is closed */
        free->block = grown;
        free->capacity = capacity;
    }
    free->block[free->count++] = block;
    if (size_class >= ARENA_DISCARDS)
        arena_empty(block, size_class);
}

void arena_empty(void *block, unsigned size_class)
{
    if (size_class >= ARENA_DISCARDS && size_class < ARENA_CLASSES)
        shared_discard((char *)block + PAGE, ((size_t)1 << size_class) - PAGE);
}
