/*
 * check.h: for the programs in this directory, one for each promise of the pool. Each
 * runs its checks, says "ok" and ends with 0; or it says which check failed and ends with 1.
 */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "error.h"

/* Not assert(): it must stay when NDEBUG is defined. */
#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: not so: %s (errno: %s)\n", __FILE__, __LINE__,       \
                    #condition, strerror(errno));                                        \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

#define CHECK_ERRNO(expected, call)                                                      \
    do {                                                                                 \
        errno = 0;                                                                       \
        CHECK(call);                                                                     \
        CHECK(errno == (expected));                                                      \
    } while (0)

/* Memory that tasks and program share, made before the pool is opened. Zeroed. */
static inline void *shared_memory(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void nap(double length)
{
    double end = seconds() + length;
    while (seconds() < end)
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
}

/* Wait until the counter is that large: for at most ten seconds, then say how far it got. */
static inline bool reaches(_Atomic int *counter, int value)
{
    double end = seconds() + 10;
    while (atomic_load(counter) < value) {
        if (seconds() > end) {
            fprintf(stderr, "only %d of %d\n", atomic_load(counter), value);
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return true;
}

static inline int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = (int)((unsigned)x * (unsigned)x);
    return 0;
}

/* The pool still does its work: a few tasks more come back right. */
static inline void check_pool_works(struct pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int result = -1;
        struct future *future = future_submit(pool, square, &i, sizeof i, sizeof i);
        CHECK(future != NULL);
        CHECK(future_result(future, 10, &result) == FUTURE_OK);
        CHECK(result == i * i);
        CHECK(future_free(future) == 0);
    }
}

#endif
