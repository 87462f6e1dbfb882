/*
 * cost.c: what a small task costs in a process of its own, and what it costs in a pool.
 *
 *     build/04_futures/cost
 *
 * A process is waited for before the next one is started. The pool gets all tasks at once; its
 * time includes that for opening and closing it.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"
#include "future.h"

#define PROCESSES 200
#define TASKS     10000

static int nothing(void *argument, void *result)
{
    (void)argument, (void)result;
    return 0;
}

static void in_processes(void)
{
    for (int i = 0; i < PROCESSES; i++) {
        pid_t process = fork();
        if (process < 0)
            demo_fail("cannot fork");
        if (process == 0)
            _exit(0);
        waitpid(process, NULL, 0);
    }
}

static void in_pool(void)
{
    static struct future *futures[TASKS];
    struct pool *pool = pool_open(1);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int i = 0; i < TASKS; i++)
        if ((futures[i] = future_submit(pool, nothing, NULL, 0, 0)) == NULL)
            demo_fail("cannot submit task %d", i);
    for (int i = 0; i < TASKS; i++)
        if (future_result(futures[i], POOL_FOREVER, NULL) != FUTURE_OK)
            demo_fail("task %d has no result", i);
    pool_close(pool);
}

static void measure(const char *where, void (*run)(void), int tasks)
{
    double start = demo_clock();
    run();
    printf("%s: %.1f us a task\n", where, (demo_clock() - start) / tasks * 1e6);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    demo_start(argc, argv, "Measure what a task costs that has nothing to do.",
               (struct demo_option[]){{.name = NULL}});
    measure("a process for each", in_processes, PROCESSES);
    measure("a pool of one worker", in_pool, TASKS);
    return demo_end();
}
