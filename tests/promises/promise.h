/*
 * promise.h: what the programs in this directory share. There is one for each promise of the pool.
 * It runs its checks, prints "ok" and exits with status 0, or prints the check that failed and
 * exits with status 1.
 */
#ifndef PROMISE_H
#define PROMISE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"
#include "error.h"
#include "rendezvous.h"

/* Seconds for guard() to scale: a wait for an event that should happen at once takes no longer. */
#define SOON 10

static inline int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = (int)((unsigned)x * (unsigned)x);
    return 0;
}

/* Check that the pool still works: a few more tasks give the right results. */
static inline void check_pool_works(struct pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int result = -1;
        struct future *future = future_submit(pool, square, &i, sizeof i, sizeof i);
        CHECK(future != NULL);
        CHECK(future_result(future, guard(SOON), &result) == FUTURE_OK,
              "task %d of 20: %s", i, future_status_name(future_status(future)));
        CHECK(result == i * i);
        CHECK(future_free(future) == 0);
    }
}

#endif
