/*
 * many_tasks.c N [held | loose]: page faults and context switches of N trivial futures, of the
 * program, the foreman and two workers together, for counts.sh. Not ru_minflt: it also counts what
 * was allocated ahead, for which no fault was taken.
 *
 * `held`: one worker, which begins when all tasks are submitted; the results are read when all
 * tasks have ended. So no process waits while another works, and the number of system calls is
 * always the same.
 *
 * `loose`: N tasks of pool_submit() instead, twice, each time in a new pool with one worker, which
 * begins when all are submitted: so all of them wait. The second pool meets a malloc() that has
 * seen large blocks, and keeps larger ones in its heap from then on.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "counter.h"
#include "future.h"

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "many_tasks: %s\n", what);
    exit(1);
}

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = (int)((unsigned)x * (unsigned)x);
    return 0;
}

static _Atomic int *gate;

static int hold(void *argument, void *result)
{
    (void)argument, (void)result;
    while (atomic_load(gate) == 0)
        continue;
    return 0;
}

static void square_loose(void *argument)
{
    int result;
    square(argument, &result);
}

static void hold_loose(void *unused)
{
    hold(unused, NULL);
}

static void run_loose(size_t tasks)
{
    struct pool *pool = pool_open(1);
    check(pool != NULL, "pool_open");
    atomic_store(gate, 0);
    check(pool_submit(pool, hold_loose, NULL, 0) == 0, "pool_submit");
    for (size_t i = 0; i < tasks; i++) {
        int x = (int)i;
        check(pool_submit(pool, square_loose, &x, sizeof x) == 0, "pool_submit");
    }
    atomic_store(gate, 1);
    check(pool_close(pool) == 0, "pool_close");
}

int main(int argc, char **argv)
{
    size_t tasks = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    struct future **futures = malloc(tasks * sizeof(struct future *) + 1);
    if (futures == NULL) { /* not check(): cppcheck does not see that it may not return */
        perror("many_tasks: malloc");
        return 1;
    }
    memset(futures, 1, tasks * sizeof(struct future *)); /* the program's own faults */
    int faults = counter_open(PERF_COUNT_SW_PAGE_FAULTS);
    int switches = counter_open(PERF_COUNT_SW_CONTEXT_SWITCHES);
    bool held = argc > 2, loose = held && strcmp(argv[2], "loose") == 0;
    gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    check(gate != MAP_FAILED, "mmap");
    if (loose) {
        run_loose(tasks);
        run_loose(tasks);
        if (faults >= 0)
            printf("%ld %ld\n", counter_read(faults), counter_read(switches));
        free(futures);
        return 0;
    }
    struct pool *pool = pool_open(held ? 1 : 2);
    check(pool != NULL, "pool_open");
    if (held)
        check(future_submit(pool, hold, NULL, 0, 0) != NULL, "future_submit");
    long before = counter_read(faults), switches_before = counter_read(switches);
    for (size_t i = 0; i < tasks; i++) {
        int x = (int)i;
        futures[i] = future_submit(pool, square, &x, sizeof x, sizeof x);
        check(futures[i] != NULL, "future_submit");
    }
    atomic_store(gate, 1);
    if (held && tasks > 0)
        check(future_result(futures[tasks - 1], POOL_FOREVER, NULL) == FUTURE_OK, "last");
    for (size_t i = 0; i < tasks; i++) {
        int result;
        check(future_result(futures[i], POOL_FOREVER, &result) == FUTURE_OK,
              "future_result");
        future_free(futures[i]);
    }
    long after = counter_read(faults), switches_after = counter_read(switches);
    check(pool_close(pool) == 0, "pool_close");
    free(futures);
    if (before >= 0)
        printf("%ld %ld\n", after - before, switches_after - switches_before);
    return 0;
}
