/*
 * promise.h: for the programs in this directory, one for each promise of the pool. Each
 * runs its checks, prints "ok" and ends with status 0; or it prints the check that failed and
 * ends with status 1.
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

/* How long a wait for something that comes at once may take, before guard() scales it. */
#define SOON 10

static inline int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = (int)((unsigned)x * (unsigned)x);
    return 0;
}

/* The pool still does its work: a few more tasks give the right results. */
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
