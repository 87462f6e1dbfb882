/*
 * one_task.c: trivial tasks for callgrind to count: see instructions.sh.
 *
 * No process waits while instructions are counted, since waiting spins, for a number of turns that
 * varies. So a first task occupies the only worker while the others are submitted, and the results
 * are read when all tasks have ended. The calls of count_from() and count_to() enclose the three
 * parts of a task's life: submit, run (in the worker), result.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "future.h"

#define TASKS 4000

static _Atomic int *gate;
static struct future *futures[TASKS];

/* callgrind finds these by name: they must not be inlined or merged. */
static volatile int marks;

__attribute__((noinline)) void count_from(void);
__attribute__((noinline)) void count_to(void);

void count_from(void)
{
    marks += 1;
}

void count_to(void)
{
    marks += 2;
}

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "one_task: %s\n", what);
    exit(1);
}

static int hold(void *argument, void *result)
{
    (void)argument, (void)result;
    while (atomic_load(gate) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    count_from();
    return 0;
}

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static int end(void *argument, void *result)
{
    (void)argument, (void)result;
    count_to();
    return 0;
}

static void submit_all(struct pool *pool)
{
    count_from();
    for (int i = 0; i < TASKS; i++)
        futures[i] = future_submit(pool, square, &i, sizeof i, sizeof i);
    count_to();
}

static void take_all(int *results)
{
    count_from();
    for (int i = 0; i < TASKS; i++) {
        future_result(futures[i], POOL_FOREVER, &results[i]);
        future_free(futures[i]);
    }
    count_to();
}

int main(void)
{
    static int results[TASKS];
    gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    check(gate != MAP_FAILED, "mmap");
    struct pool *pool = pool_open(1);
    check(pool != NULL, "pool_open");
    struct future *first = future_submit(pool, hold, NULL, 0, 0);
    check(first != NULL, "future_submit");
    while (!future_running(first))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);

    submit_all(pool);
    struct future *last = future_submit(pool, end, NULL, 0, 0);
    check(last != NULL && futures[TASKS - 1] != NULL, "future_submit");
    atomic_store(gate, 1);
    check(future_result(last, POOL_FOREVER, NULL) == FUTURE_OK, "future_result");
    take_all(results);
    for (int i = 0; i < TASKS; i++)
        check(results[i] == i * i, "not the square");
    check(pool_close(pool) == 0, "pool_close");
    printf("%d\n", TASKS);
    return 0;
}
