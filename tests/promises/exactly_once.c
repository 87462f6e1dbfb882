/*
 * Promise 2: a task runs once; or its worker died while it ran the task, which is then reported
 * lost, once.
 */
#include <signal.h>

#include "promise.h"

#define TASKS 20000

static _Atomic int *runs; /* of each task */

static int work(void *argument, void *result)
{
    int task = *(int *)argument;
    atomic_fetch_add(&runs[task], 1);
    if (task % 400 == 7)
        raise(SIGKILL);
    if (task % 400 == 8)
        _exit(0);
    *(int *)result = task + 1;
    return 0;
}

int main(void)
{
    static struct future *futures[TASKS];
    int lost = 0;
    runs = share(TASKS * sizeof *runs);
    struct pool *pool = pool_open(4);
    CHECK(pool != NULL);
    for (int i = 0; i < TASKS; i++)
        CHECK((futures[i] = future_submit(pool, work, &i, sizeof i, sizeof i)) != NULL);
    for (int i = 0; i < TASKS; i++) {
        int result = 0;
        enum future_status status = future_result(futures[i], guard(20), &result);
        bool dies = i % 400 == 7 || i % 400 == 8;
        CHECK(status == (dies ? FUTURE_LOST : FUTURE_OK));
        CHECK(dies || result == i + 1);
        CHECK(atomic_load(&runs[i]) == 1);
        lost += dies;
    }
    CHECK(lost == TASKS / 200);
    CHECK(pool_close(pool) == 0);
    for (int i = 0; i < TASKS; i++)
        CHECK(atomic_load(&runs[i]) == 1);

    /* Tasks without a handle: pool_close() says how many were lost. */
    CHECK((pool = pool_open(2)) != NULL);
    for (int i = 0; i < 100; i++)
        CHECK(pool_submit(pool, (task_function *)(void (*)(void))_exit, &i, 0) == 0);
    CHECK(pool_close(pool) == 100);
    puts("ok");
    return 0;
}
