/*
 * crash_example.c: tasks that take their worker down with them, beside tasks that don't.
 *
 *     make 06_errors
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crash.h"
#include "demo.h"

/* Sanitizers would report these crashes, which are intended. */
#define ON_PURPOSE __attribute__((noinline, no_sanitize("address", "undefined")))

static int square(int x)
{
    return x * x;
}

ON_PURPOSE static int write_to_null(int x)
{
    static int *volatile nowhere; /* volatile: the compiler must not know what is there */
    *nowhere = x;                 /* NOLINT: on purpose */
    return x;
}

static int call_abort(int x)
{
    (void)x;
    abort();
}

ON_PURPOSE static int divide_by_zero(int x)
{
    static volatile int zero;
    return x / zero; /* NOLINT: on purpose */
}

static int exit_with_3(int x)
{
    (void)x;
    _exit(3);
}

static int loop_for_ever(int x)
{
    volatile int forever = 1;
    while (forever)
        continue;
    return x;
}

/* As the kernel does when memory runs out. */
static int be_killed(int x)
{
    raise(SIGKILL);
    return x;
}

static const struct job {
    const char *name;
    int (*function)(int);
} jobs[] = {
    {"square", square},
    {"write to NULL", write_to_null},
    {"abort()", call_abort},
    {"divide by zero", divide_by_zero},
    {"square", square},
    {"_exit(3)", exit_with_3},
    {"loop for ever", loop_for_ever},
    {"be killed", be_killed},
    {"square", square},
};

#define JOBS ((int)(sizeof jobs / sizeof *jobs))

/* Which job to do travels as a number: a pointer to it would do as well, because the workers are
 * copies of this program, and what was there before the fork is at the same address. */
static int do_job(void *argument, void *result)
{
    int number = *(int *)argument;
    *(int *)result = jobs[number].function(number);
    return 0;
}

static const char *describe(struct future *future)
{
    static char text[200];
    crash_describe(future, text, sizeof text);
    return text;
}

static void print_outcome(int number, struct future *future)
{
    int result;
    printf("task %d  %-15s ", number, jobs[number].name);
    if (future_result(future, POOL_FOREVER, &result) == FUTURE_OK)
        printf("%d\n", result);
    else
        printf("%s\n", describe(future));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct future *futures[JOBS];
    long workers = 2, limit = 500, locate = 0;
    demo_start(argc, argv, "Run tasks that crash, and report what became of each.",
               (struct demo_option[]){
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {"limit", &limit, 1, 3600000, "milliseconds a task may run"},
                   {"locate", &locate, 0, 1, "1: say where a task crashed"},
                   {.name = NULL}});

    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = (int)workers, .initializer = locate ? crash_locate : NULL});
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int i = 0; i < JOBS; i++) {
        futures[i] = future_submit_limited(pool, (double)limit / 1000, do_job, &i,
                                           sizeof i, sizeof(int));
        if (futures[i] == NULL)
            demo_fail("cannot submit task %d", i);
    }
    for (int i = 0; i < JOBS; i++)
        print_outcome(i, futures[i]);
    pool_close(pool);
    return demo_end();
}
