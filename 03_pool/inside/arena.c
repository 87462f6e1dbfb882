/*
 * arena.c: see arena.h.
 */
#include "arena.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "array.h"
#include "linux_memory.h"
#include "linux_proc.h"

#define LARGEST_PAGE ((size_t)1 << 16) /* of any kernel */
#define MOST_AHEAD   ((size_t)1 << 21)
#define FLOOR_STEP   ((size_t)1 << 20) /* bytes: see surplus.c */

/* Address space is free on a 64-bit machine; pages are paid for when they are touched. */
#define DEFAULT_SIZE ((size_t)(SIZE_MAX > UINT32_MAX ? UINT64_C(1) << 37 : 1u << 28))
/* Tried next, if a limit or a system that does not overcommit refuses that. */
#define MODEST_SIZE ((size_t)1 << 30)
#define LEAST_SIZE  ((size_t)1 << 22)

/* At the front of the arena, for all processes. */
struct head {
    _Atomic size_t ready; /* see struct arena; 0: nothing was allocated ahead */
};

static struct head *head_of(const struct arena *arena)
{
    return (struct head *)(void *)arena->base;
}

/* ---- Address space ---- */

/* Under a limit on address space, leave most of it to the program. */
static size_t within_limits(size_t size)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return size;
    rlim_t quarter = limit.rlim_cur / 4; /* may be wider than a size_t */
    return quarter < size ? (size_t)quarter & ~(2 * LARGEST_PAGE - 1) : size;
}

/* What the system refuses as a whole, it may grant in part. Where it does not overcommit, that is
 * taken from all other programs: a quarter of what is left. */
static size_t modest_size(void)
{
    size_t quarter = memory_left() / 4;
    size_t size = quarter < MODEST_SIZE ? quarter & ~(2 * LARGEST_PAGE - 1) : MODEST_SIZE;
    return size > LEAST_SIZE ? size : LEAST_SIZE;
}

static size_t whole_pages(size_t size)
{
    size_t mask = page_size() - 1;
    return (size + mask) & ~mask;
}

static void set_quick(struct arena *arena)
{
    arena->quick = arena->ready < arena->top ? arena->ready : arena->top;
}

int arena_open(struct arena *arena, size_t size)
{
    *arena = (struct arena){.base = NULL};
    if (size >= (size_t)1 << (sizeof(size_t) * 8 - 2) ||
        arena_class(size) == ARENA_CLASSES - 1) {
        errno = ENOMEM;
        return -1;
    }
    if (size != 0) {
        size = 2 * whole_pages(size);
        arena->base = shared_map(size);
    } else {
        size = within_limits(DEFAULT_SIZE);
        arena->base = shared_map(size);
        if (arena->base == NULL && size > MODEST_SIZE)
            arena->base = shared_map(size = modest_size());
        while (arena->base == NULL && size / 4 >= LEAST_SIZE)
            arena->base = shared_map(size /= 4);
    }
    arena->size = arena->top = size / 2;
    arena->used = sizeof(struct head);
    arena->ready = ARENA_STEP;
    set_quick(arena);
    return arena->base != NULL ? 0 : -1;
}

void arena_close(struct arena *arena)
{
    for (int i = 0; i < ARENA_CLASSES; i++)
        free(arena->free[i].block);
    shared_unmap(arena->base, 2 * arena->size);
    arena->base = NULL;
}

void arena_beside_limit(const struct arena *arena)
{
    struct rlimit limit;
    rlim_t taken = 2 * (rlim_t)arena->size;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur > RLIM_INFINITY - taken)
        return;
    limit.rlim_cur += taken;
    if (limit.rlim_max >= limit.rlim_cur) {
        setrlimit(RLIMIT_AS, &limit);
        return;
    }
    struct rlimit raised = {.rlim_cur = limit.rlim_cur, .rlim_max = limit.rlim_cur};
    if (setrlimit(RLIMIT_AS, &raised) == 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* ---- Allocated ahead ---- */

/* Small blocks have used up what is ready: allocate more. */
static void allocate_ahead(struct arena *arena)
{
    size_t ahead = arena->used / 4;
    ahead = ahead < ARENA_STEP ? ARENA_STEP : ahead < MOST_AHEAD ? ahead : MOST_AHEAD;
    size_t end = (arena->used + ahead) & ~(ARENA_STEP - 1);
    if (end > arena->top ||
        !memory_populate(arena->base + arena->ready, end - arena->ready)) {
        arena->ready = SIZE_MAX;
        set_quick(arena);
        return;
    }
    arena->ready = end;
    set_quick(arena);
    atomic_store_explicit(&head_of(arena)->ready, end, memory_order_relaxed);
}

struct arena_mapped arena_mapped(const struct arena *arena)
{
    return (struct arena_mapped){.end = (uintptr_t)arena->base + ARENA_STEP,
                                 .step = ARENA_STEP};
}

void arena_map_ahead(const struct arena *arena, struct arena_mapped *mapped,
                     const void *block)
{
    /* Relaxed: too old a value only maps less. */
    size_t ready = atomic_load_explicit(&head_of(arena)->ready, memory_order_relaxed);
    size_t at = (size_t)((uintptr_t)block - (uintptr_t)arena->base) & ~(ARENA_STEP - 1);
    if (at >= ready)
        return; /* a large block, or the program allocates nothing ahead */
    size_t end = ready - at < mapped->step ? ready : at + mapped->step;
    mapped->end = memory_populate(arena->base + at, end - at)
                      ? (uintptr_t)arena->base + end
                      : UINTPTR_MAX;
    if (mapped->step < MOST_AHEAD)
        mapped->step *= 2;
}

/* ---- Blocks ---- */

void *arena_reuse_deeper(struct arena *arena, unsigned size_class)
{
    struct free_blocks *free = &arena->free[size_class];
    size_t step = FLOOR_STEP >> size_class;
    free->floor -= step < free->floor ? step : free->floor;
    if (arena->given[size_class] > free->floor)
        arena->given[size_class] = free->floor;
    return free->block[--free->count];
}

void *arena_get(struct arena *arena, unsigned size_class)
{
    void *block = arena_reuse(arena, size_class);
    if (block != NULL)
        return block;
    return arena_is_deeper(arena, size_class) ? arena_reuse_deeper(arena, size_class)
                                              : arena_new(arena, size_class);
}

static void *large_block(struct arena *arena, size_t size)
{
    if (size > arena->top || ((arena->top - size) & ~(LARGEST_PAGE - 1)) < arena->used) {
        errno = ENOMEM;
        return NULL;
    }
    arena->top = (arena->top - size) & ~(LARGEST_PAGE - 1);
    set_quick(arena);
    return arena->base + arena->top;
}

void *arena_new(struct arena *arena, unsigned size_class)
{
    size_t size = (size_t)1 << size_class;
    if (size_class >= ARENA_LARGE)
        return size_class < ARENA_CLASSES - 1 ? large_block(arena, size)
                                              : large_block(arena, SIZE_MAX);
    size_t at = (arena->used + size - 1) & ~(size - 1);
    if (at + size > arena->top) {
        errno = ENOMEM;
        return NULL;
    }
    arena->used = at + size;
    if (arena->used > arena->ready)
        allocate_ahead(arena);
    char *block = arena->base + at;
    /* Written although it is zero already: a page that is first read, then written, faults twice.
     * */
    *block = 0;
    return block;
}

static bool grow_stack(struct free_blocks *free, size_t *places)
{
    void **grown = array_grow(free->block, &free->capacity, places);
    if (grown != NULL)
        free->block = grown;
    return grown != NULL;
}

void arena_put_slowly(struct arena *arena, void *block, unsigned size_class)
{
    if (size_class >= ARENA_CLASSES)
        return; /* a task has overwritten its own head: the block stays allocated */
    struct free_blocks *free = &arena->free[size_class];
    if (free->count == free->capacity && !grow_stack(free, &arena->places[size_class]))
        return; /* the block stays allocated until the pool is closed */
    free->block[free->count++] = block;
    arena_empty(block, size_class);
}

void arena_empty(void *block, unsigned size_class)
{
    size_t kept = page_size();
    if (size_class >= ARENA_LARGE && size_class < ARENA_CLASSES)
        shared_discard((char *)block + kept, ((size_t)1 << size_class) - kept);
}

void arena_empty_margin(const struct arena *arena, void *block, unsigned size_class)
{
    if (size_class >= ARENA_LARGE && size_class < ARENA_CLASSES)
        shared_discard((char *)block + arena->size, (size_t)1 << size_class);
}

void arena_put_both(struct arena *arena, void *block, unsigned size_class)
{
    arena_empty_margin(arena, block, size_class);
    arena_put(arena, block, size_class);
}
