/*
 * driver.c: exercise 8, in the learner's program.
 */
#include "driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as_completed.h"
#include "protocol.h"

#define MOST 64

static struct pool *pool;
static struct future *futures[MOST], *given[MOST];
static size_t count;
static long freed;

/* The learner's calls of future_free() come here. The future stays: it will be used. */
void exercise_future_free(struct future *future)
{
    freed += future != NULL;
}

static int task(void *argument, void *result)
{
    long order = driver_ask(KIND_TASK, *(int *)argument, 0);
    if (order == DIE)
        raise(SIGKILL);
    *(long *)result = order;
    return order == FAIL ? 1 : 0;
}

static void each(struct future *future)
{
    long number = -1;
    for (size_t i = 0; i < count; i++)
        if (futures[i] == future)
            number = (long)i;
    driver_ask(KIND_EACH, number, number >= 0 && future_done(future));
}

static void submit(int workers, int tasks)
{
    count = (size_t)tasks;
    pool = pool_open(workers);
    for (int i = 0; i < tasks && pool != NULL; i++) {
        futures[i] = future_submit(pool, task, &i, sizeof i, sizeof(long));
        if (futures[i] == NULL)
            pool = NULL;
    }
    if (pool == NULL) {
        perror("cannot submit");
        exit(1);
    }
}

void driver_act(struct message *message)
{
    switch (message->value[0]) {
    case CUE_SUBMIT:
        submit((int)message->value[1], (int)message->value[2]);
        break;
    case CUE_COLLECT:
        freed = 0;
        memcpy(given, futures, sizeof given);
        message->value[0] = as_completed(given, count, each);
        message->value[1] = memcmp(given, futures, sizeof given) == 0;
        message->value[2] = freed;
        break;
    case CUE_CLOSE:
        pool_close(pool);
        break;
    }
}
