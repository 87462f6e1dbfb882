/*
 * hold.c: see hold.h and program.h.
 */
#include "hold.h"

#include "handle.h"
#include "linux_futex.h"
#include "monotonic.h"
#include "program.h"
#include "wake.h"

void pool_hold(struct pool *pool)
{
    atomic_fetch_add(&pool->holds, 1);
}

/* The last release wakes the thread that closes the pool. From the subtraction on, that thread may
 * free the pool, but not the handle, which has `holds` and `closing`: see handle_put(). */
void pool_release(struct pool *pool)
{
    if (atomic_fetch_sub(&pool->holds, 1) == 1 && pool->own.closing)
        futex_wake(&pool->holds, 1);
}

/* Is the pool about to be freed? The thread that closes it may still use it, in callbacks. */
static bool is_leaving(const struct pool *pool)
{
    return pool->own.leaving && !pthread_equal(pool->own.closer, pthread_self());
}

bool pool_hold_open(struct pool *pool)
{
    /* Checked twice, so that a thread that calls again and again can delay a close only once. */
    if (pool == NULL || is_leaving(pool)) {
        handle_refuse(NULL);
        return false;
    }
    pool_hold(pool);
    if (!is_leaving(pool) && pool_is_mine(pool))
        return true;
    int error = is_leaving(pool) ? EINVAL : errno;
    pool_release(pool);
    errno = error;
    return false;
}

int pool_enter(struct pool *pool)
{
    if (SINGLE_THREADED)
        return pool_is_mine(pool) ? 0 : -1;
    return pool_hold_open(pool) ? 1 : -1;
}

void pool_leave(struct pool *pool, int entered)
{
    if (entered > 0)
        pool_release(pool);
}

void hold_await_none(struct pool *pool)
{
    int saved = errno;
    pool->own.closer = pthread_self();
    atomic_store(&pool->own.leaving, 1);
    for (uint32_t holds; (holds = atomic_load(&pool->holds)) != 0;) {
        bell_ring_all(&pool->shared->bell);
        futex_wait(&pool->holds, holds, CLOCK_NEVER);
    }
    errno = saved;
}
