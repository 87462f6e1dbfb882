/*
 * block_mistake.c and block_fixed.c: ten tasks of 0.1 s on ten workers.
 * One takes 1 s, the other 0.1 s. The results are the same. What differs?
 *
 *     make 05_blocking_mistake
 *     diff 05_blocking_mistake/block_mistake.c 05_blocking_mistake/block_fixed.c
 */
#include <stdio.h>

#include "demo.h"
#include "future.h"

#define TASKS 10

static int do_work(void *argument, void *result)
{
    int task = *(int *)argument;
    demo_sleep(0.1);
    *(int *)result = task * task;
    return 0;
}

int main(int argc, char **argv)
{
    struct future *futures[TASKS];
    int results[TASKS];
    long workers = 10;
    demo_start(argc, argv, "Run ten tasks of 0.1 s and collect their results.",
               (struct demo_option[]){
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {.name = NULL}});
    double start = demo_clock();

    struct pool *pool = pool_open((int)workers);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int task = 0; task < TASKS; task++) {
        futures[task] = future_submit(pool, do_work, &task, sizeof task, sizeof(int));
        if (futures[task] == NULL)
            demo_fail("cannot submit task %d", task);
    }
    for (int task = 0; task < TASKS; task++) {
        if (future_result(futures[task], POOL_FOREVER, &results[task]) != FUTURE_OK)
            demo_fail("task %d has no result", task);
    }
    pool_close(pool);

    for (int task = 0; task < TASKS; task++)
        printf("%s%d", task == 0 ? "[" : ", ", results[task]);
    printf("]\nDone after %.2fs\n", demo_clock() - start);
    return demo_end();
}
