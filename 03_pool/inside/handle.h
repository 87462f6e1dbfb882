/*
 * handle.h: handles of pools: which process one belongs to, and whether its pool is open.
 */
#ifndef HANDLE_H
#define HANDLE_H

#include <errno.h>
#include <limits.h>

#include "process.h"
#include "shared.h"

/* A handle that belongs to this process, with nothing open yet. NULL: ENOMEM. */
struct pool *handle_get(void);

#define HANDLE_CLOSED UINT_MAX /* no process has this number */

/* Note that the pool is open now, for handle_each_open(). */
void handle_opened(struct pool *pool);

/* While a thread opens a pool's processes, no other thread does. */
void handle_lock_opening(void);
void handle_unlock_opening(void);

/* Call act(pool) for each pool that this process has open. */
void handle_each_open(void (*act)(struct pool *));

/* Give a handle back. Its memory is kept for the next handle_get(), not freed: until then the use
 * of a closed pool is an error (EINVAL), not an access to freed memory. */
void handle_put(struct pool *pool);

/* Set errno to the reason why the pool can't be used here: EINVAL (NULL or closed) or EPERM
 * (opened by another process). */
void handle_refuse(const struct pool *pool) __attribute__((cold));

/* Set errno and return -1: `return refuse(EINVAL);` */
int refuse(int error) __attribute__((cold));

/* True if the pool is open and was opened by this process; else errno says why not. */
static inline bool pool_is_mine(const struct pool *pool)
{
    if (pool != NULL && pool->generation == process_number())
        return true;
    handle_refuse(pool);
    return false;
}

#endif
