/*
 * in_place.c: a large argument that is built in place, where the worker reads it, and never copied.
 *
 *     build/06_errors/in_place
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "demo.h"
#include "future.h"

static long count; /* set before the pool is opened: the workers see it */

static void fill(uint32_t *numbers)
{
    for (long i = 0; i < count; i++)
        numbers[i] = (uint32_t)i;
}

/* The task. */
static int add_up(void *argument, void *result)
{
    const uint32_t *numbers = argument;
    uint64_t sum = 0;
    for (long i = 0; i < count; i++)
        sum += numbers[i];
    *(uint64_t *)result = sum;
    return 0;
}

/* Filled elsewhere, then copied to the worker's place. */
static struct future *submit_copy(struct pool *pool, size_t size)
{
    uint32_t *numbers = malloc((size_t)count * sizeof *numbers);
    if (numbers == NULL)
        demo_fail("cannot allocate %zu bytes", size);
    fill(numbers);
    struct future *future = future_submit(pool, add_up, numbers, size, sizeof(uint64_t));
    free(numbers);
    return future;
}

/* Three steps: reserve the place, fill it, publish. */
static struct future *submit_in_place(struct pool *pool, size_t size)
{
    struct future *future = future_reserve(pool, add_up, size, sizeof(uint64_t));
    if (future == NULL)
        return NULL;
    fill(future_argument(future));
    return future_publish(future) == 0 ? future : NULL;
}

static void show(const char *how, struct pool *pool, size_t size,
                 struct future *(*submit)(struct pool *, size_t))
{
    uint64_t sum;
    double start = demo_clock();
    struct future *future = submit(pool, size);
    double took = demo_clock() - start;
    if (future == NULL || future_result(future, POOL_FOREVER, &sum) != FUTURE_OK)
        demo_fail("%s: no result", how);
    printf("%s: sum %llu, filled and submitted in %.0f ms\n", how,
           (unsigned long long)sum, 1000 * took);
    future_free(future);
}

int main(int argc, char **argv)
{
    long mib = 64;
    demo_start(argc, argv, "Submit a large argument, copied and in place.",
               (struct demo_option[]){{"mib", &mib, 1, 1024, "its size in MiB"},
                                      {.name = NULL}});
    size_t size = (size_t)mib << 20;
    count = (long)(size / sizeof(uint32_t));
    struct pool *pool = pool_open(1);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    show("copied", pool, size, submit_copy);
    show("in place", pool, size, submit_in_place);
    pool_close(pool);
    return demo_end();
}
