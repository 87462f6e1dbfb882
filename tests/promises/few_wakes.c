/*
 * While a program waits for the results of many short tasks, one at a time, it is not woken for
 * each of them: see pool_pause().
 */
#include <sys/resource.h>

#include "promise.h"

#define TASKS 2000

static int burn(void *argument, void *result)
{
    double end = seconds_now() + 60e-6;
    while (seconds_now() < end)
        continue;
    *(int *)result = *(int *)argument + 1;
    return 0;
}

static long switches(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_nvcsw;
}

int main(void)
{
    static struct future *futures[TASKS];
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    check_pool_works(pool);
    for (int i = 0; i < TASKS; i++) {
        futures[i] = future_submit(pool, burn, &i, sizeof i, sizeof i);
        CHECK(futures[i] != NULL);
    }
    long before = switches();
    for (int i = 0; i < TASKS; i++) {
        int result = 0;
        CHECK(future_result(futures[i], POOL_FOREVER, &result) == FUTURE_OK);
        CHECK(result == i + 1);
        CHECK(future_free(futures[i]) == 0);
    }
    long woken = switches() - before;
    if (woken > TASKS / 4)
        fprintf(stderr, "%ld wake-ups for %d tasks\n", woken, TASKS);
    CHECK(woken <= TASKS / 4);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
