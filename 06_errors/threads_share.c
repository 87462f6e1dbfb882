/*
 * threads_share.c: threads of one program that share a pool. Each submits its own tasks and waits
 * for them, with no lock of the program's. A crash costs the thread whose task it was one result.
 *
 *     build/06_errors/threads_share
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "demo.h"
#include "future.h"

#define MOST_THREADS 100
#define TASKS        5

static struct pool *pool;

struct customer {
    pthread_t thread;
    int number, sum, results, lost;
};

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    demo_sleep(0.02);
    if (x == 203)
        _Exit(3); /* customer 2's fourth task crashes */
    *(int *)result = x * x;
    return 0;
}

/* All futures first, then all results: so the thread's tasks run side by side, too. */
static void *be_customer(void *argument)
{
    struct customer *customer = argument;
    struct future *futures[TASKS];
    for (int i = 0; i < TASKS; i++) {
        int x = 100 * customer->number + i;
        futures[i] = future_submit(pool, square, &x, sizeof x, sizeof(int));
        if (futures[i] == NULL)
            demo_fail("cannot submit");
    }
    for (int i = 0; i < TASKS; i++) {
        int result = 0;
        bool ended_well = future_result(futures[i], POOL_FOREVER, &result) == FUTURE_OK;
        customer->sum += result;
        customer->results += ended_well;
        customer->lost += !ended_well;
        future_free(futures[i]);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct customer customers[MOST_THREADS];
    long threads = 4, workers = 2;
    demo_start(argc, argv, "Threads of one program share a pool.",
               (struct demo_option[]){
                   {"threads", &threads, 1, MOST_THREADS, "threads that submit tasks"},
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {.name = NULL}});
    pool = pool_open((int)workers); /* once, before the threads begin */
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int i = 0; i < threads; i++) {
        customers[i].number = i + 1;
        if (pthread_create(&customers[i].thread, NULL, be_customer, &customers[i]) != 0)
            demo_fail("cannot start a thread");
    }
    for (int i = 0; i < threads; i++) {
        struct customer *customer = &customers[i];
        pthread_join(customer->thread, NULL);
        printf("thread %d: %d results, %d lost, sum %d\n", customer->number,
               customer->results, customer->lost, customer->sum);
    }
    pool_close(pool); /* by one thread */
    return demo_end();
}
