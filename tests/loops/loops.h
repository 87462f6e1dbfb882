/*
 * loops.h: the work that glib.c and uv.c do in their event loops: a hundred futures with
 * callbacks, of which one crashes and one is cancelled. Each calls begin(), watches descriptor(),
 * calls dispatch() when that is readable, and stops when dispatch() returns false.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "future.h"
#include "program.h"

#define FUTURES 100

static struct pool *pool;
static int remaining, ok, lost, cancelled;

static int square_or_crash(void *argument, void *result)
{
    int x = *(int *)argument;
    if (x == 13)
        abort();
    *(int *)result = x * x;
    return 0;
}

static void count_end(struct future *future, void *argument)
{
    enum future_status status = future_status(future);
    int x = *(int *)argument;
    ok += status == FUTURE_OK && *(int *)future_value(future) == x * x;
    lost += status == FUTURE_LOST && x == 13;
    cancelled += status == FUTURE_CANCELLED && x == FUTURES - 1;
    remaining--;
    future_free(future);
}

static void begin(void)
{
    static int numbers[FUTURES];
    pool = pool_open_with(&(struct pool_options){.workers = 2, .event_loop = 1});
    for (int i = 0; pool != NULL && i < FUTURES; i++) {
        numbers[i] = i;
        struct future *future =
            future_submit(pool, square_or_crash, &i, sizeof i, sizeof i);
        if (future == NULL || future_on_end(future, count_end, &numbers[i]) != 0)
            exit(1);
        remaining++;
        if (i == FUTURES - 1 && !future_cancel(future))
            cancelled++; /* it ended first, which is right, too */
    }
    if (pool == NULL)
        exit(1);
}

static int descriptor(void)
{
    return pool_descriptor(pool);
}

static bool dispatch(void)
{
    return pool_dispatch(pool) >= 0 && remaining > 0;
}

static int end(void)
{
    int left = pool_close(pool);
    printf("%d of %d, %d lost, %d cancelled, %d remain\n", ok, FUTURES, lost, cancelled,
           remaining);
    return left == 0 && ok >= FUTURES - 2 && lost == 1 && cancelled == 1 && remaining == 0
               ? 0
               : 1;
}

#endif
