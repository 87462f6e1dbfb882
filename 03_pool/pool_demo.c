/*
 * pool_demo.c: ten tasks of 0.2 s on four workers, in 0.6 s.
 *
 *     make 03_pool
 *     build/03_pool/pool_demo --help
 */
#include <stdio.h>
#include <unistd.h>

#include "demo.h"
#include "pool.h"

static long buffered = 0;

static void do_work(void *argument)
{
    int task = *(int *)argument;
    printf("I am process %ld working on task %d\n", (long)getpid(), task);
    if (!buffered)
        fflush(stdout);
    demo_sleep(0.2);
}

int main(int argc, char **argv)
{
    long workers = 4, tasks = 10;
    demo_start(argc, argv, "Run tasks of 0.2 s in a pool of worker processes.",
               (struct demo_option[]){
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {"tasks", &tasks, 1, 1000000, "tasks"},
                   {"buffered", &buffered, 0, 0, "let stdout's buffer collect the lines"},
                   {.name = NULL}});
    /* What a file or a pipe gets by default, and a terminal does not. */
    if (buffered)
        setvbuf(stdout, NULL, _IOFBF, BUFSIZ);

    double start = demo_clock();

    struct pool *pool = pool_open((int)workers);
    if (pool == NULL)
        demo_fail("cannot open a pool of %ld workers", workers);
    for (int task = 0; task < tasks; task++)
        if (pool_submit(pool, do_work, &task, sizeof task) != 0)
            demo_fail("cannot submit task %d", task);
    if (pool_close(pool) != 0)
        demo_fail("not every task was done");

    printf("Main process done after %.2fs\n", demo_clock() - start);
    return demo_end();
}
