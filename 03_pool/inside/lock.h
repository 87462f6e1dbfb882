/*
 * lock.h: threads of the program share a pool.
 *
 * What the program alone writes (struct program, the arena's free blocks, the queue's tail) is
 * guarded by one lock of the program's own. It is in the program's memory: no other process knows
 * of it. It is held for a few dozen instructions; longer to replace a ring, to sort, to return
 * memory, or to add a task that ended before others that are to be handed out; never while waiting,
 * and never while code of the user runs. Waiting for a task, looking at it and reading its result
 * need no lock.
 *
 * While the process has one thread, and the C library can tell, nothing is locked.
 */
#ifndef LOCK_H
#define LOCK_H

#include "shared.h"

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
#include <sys/single_threaded.h>
#define SINGLE_THREADED __libc_single_threaded
#endif
#ifndef SINGLE_THREADED
#define SINGLE_THREADED 0 /* musl and older versions of glibc can't tell */
#endif

/* For functions that lock, wait or allocate where the usual case does none of these: not inlined,
 * so that the usual case does not save registers for them. */
#define SLOW_PATH __attribute__((noinline))

/* Returns what pool_unlock() must be given: another thread may begin or end meanwhile. */
static inline bool pool_lock(struct pool *pool)
{
    if (SINGLE_THREADED)
        return false;
    pthread_mutex_lock(&pool->own.lock);
    return true;
}

static inline void pool_unlock(struct pool *pool, bool locked)
{
    if (locked)
        pthread_mutex_unlock(&pool->own.lock);
}

#endif
