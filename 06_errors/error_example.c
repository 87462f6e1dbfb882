/*
 * error_example.c: ten tasks, about half of which fail, and what their futures say.
 *
 *     make 06_errors
 *     build/06_errors/error_example --seed 7
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"
#include "error.h"

#define TASKS 10

struct toss {
    int task;
    uint64_t seed;
};

/*
 * Heads or tails, from seed and task alone: the steps of SplitMix64 (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", 2014). A generator like rand()
 * would not do: each worker is a copy of this program, its state included, and all would
 * draw the same numbers.
 */
static bool heads(const struct toss *toss)
{
    uint64_t z = toss->seed + (uint64_t)(toss->task + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((z ^ (z >> 31)) & 1) != 0;
}

static int do_work(void *argument, void *result)
{
    struct toss *toss = argument;
    if (!heads(toss))
        return task_error("OW!");
    *(int *)result = toss->task * toss->task;
    return 0;
}

static void print_outcome(struct future *future)
{
    int result;
    if (future_result(future, POOL_FOREVER, &result) == FUTURE_OK)
        printf("%d", result);
    else
        printf("'Failed with %s!'", future_error(future));
}

int main(int argc, char **argv)
{
    struct future *futures[TASKS];
    long seed = (long)(time(NULL) % 1000000) + getpid();
    long workers = 10;
    demo_start(argc, argv, "Run ten tasks, of which about half fail.",
               (struct demo_option[]){
                   {"seed", &seed, 0, 1000000000, "for the same failures again"},
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {.name = NULL}});

    struct pool *pool = pool_open((int)workers);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int task = 0; task < TASKS; task++) {
        struct toss toss = {.task = task, .seed = (uint64_t)seed};
        futures[task] = future_submit(pool, do_work, &toss, sizeof toss, sizeof(int));
        if (futures[task] == NULL)
            demo_fail("cannot submit task %d", task);
    }
    for (int task = 0; task < TASKS; task++) {
        printf("%s", task == 0 ? "[" : ", ");
        print_outcome(futures[task]);
    }
    printf("]\n");
    pool_close(pool);
    return demo_end();
}
