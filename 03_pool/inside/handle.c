/*
 * handle.c: see handle.h.
 */
#include "handle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"

/* The lists. Several threads may open and close pools. handle_each_open() reads whether one is
 * empty without the lock. */
static struct pool *closed;
static _Atomic(struct pool *) open;
static pthread_mutex_t lists_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t opening_lock = PTHREAD_MUTEX_INITIALIZER;

static void reset(pthread_mutex_t *lock)
{
    pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
    /* NOLINTNEXTLINE(bugprone-*,cert-*): if only padding differs, the write is in vain */
    if (memcmp(lock, &unlocked, sizeof unlocked) != 0)
        memcpy(lock, &unlocked, sizeof unlocked);
}

/* A thread of the parent may have held a lock at the fork: a child starts afresh. A worker has
 * nothing to forget: the foreman, its parent, has. It only reads, as the page would be copied. */
static void start_afresh(void)
{
    if (closed != NULL || open != NULL) {
        closed = NULL;
        open = NULL;
    }
    reset(&lists_lock);
    reset(&opening_lock);
}

static void register_handler(void)
{
    pthread_atfork(NULL, NULL, start_afresh);
}

void handle_refuse(const struct pool *pool)
{
    stack_check();
    errno = pool == NULL || pool->generation == HANDLE_CLOSED ? EINVAL : EPERM;
}

int refuse(int error)
{
    errno = error;
    return -1;
}

/* Set all fields except `holds`: a thread that still has the handle of a closed pool may be
 * changing it, in pool_hold_open(). */
static void begin(struct pool *pool)
{
    const size_t rest = offsetof(struct pool, next);
    const struct pool first = {.generation = process_number(),
                               .inherited.trace = -1,
                               .inherited.to_program = NO_TIE,
                               .inherited.to_foreman = NO_TIE,
                               .own.pidfd = -1,
                               .own.lock = PTHREAD_MUTEX_INITIALIZER,
                               .own.loop.set = -1,
                               .own.loop.event = -1,
                               .inherited.event = -1};
    memcpy((char *)pool + rest, (const char *)&first + rest, sizeof *pool - rest);
}

/* LeakSanitizer's, in a program that has it. A handle is never freed, and a child that forgets the
 * lists has lost it. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl*) */
__attribute__((weak)) void __lsan_ignore_object(const void *memory);

struct pool *handle_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_handler);
    pthread_mutex_lock(&lists_lock);
    process_watch();
    struct pool *pool = closed;
    if (pool != NULL)
        closed = pool->next;
    pthread_mutex_unlock(&lists_lock);
    if (pool == NULL) {
        pool = calloc(1, sizeof *pool);
        if (pool != NULL && __lsan_ignore_object != NULL)
            __lsan_ignore_object(pool);
    }
    if (pool != NULL)
        begin(pool);
    return pool;
}

void handle_opened(struct pool *pool)
{
    pthread_mutex_lock(&lists_lock);
    pool->next = open;
    open = pool;
    pthread_mutex_unlock(&lists_lock);
}

void handle_lock_opening(void)
{
    pthread_mutex_lock(&opening_lock);
}

void handle_unlock_opening(void)
{
    pthread_mutex_unlock(&opening_lock);
}

void handle_each_open(void (*act)(struct pool *))
{
    if (open == NULL)
        return; /* as in most workers, which then need no copy of the page with the lock */
    pthread_mutex_lock(&lists_lock);
    for (struct pool *pool = open; pool != NULL; pool = pool->next)
        if (pool->generation == process_number()) /* not a parent's */
            act(pool);
    pthread_mutex_unlock(&lists_lock);
}

void handle_put(struct pool *pool)
{
    pthread_mutex_lock(&lists_lock);
    pool->generation = HANDLE_CLOSED;
    if (open == pool)
        open = pool->next;
    for (struct pool *at = open; at != NULL; at = at->next)
        if (at->next == pool)
            at->next = pool->next;
    pool->next = closed;
    closed = pool;
    pthread_mutex_unlock(&lists_lock);
}
