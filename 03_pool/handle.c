/*
 * handle.c: see handle.h. The variables here are what a process has to know about itself.
 */
#include "handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "shared.h"

unsigned process_generation = 1;

/* The closed ones; several threads may open pools. */
static struct pool *closed;
static pthread_mutex_t closed_lock = PTHREAD_MUTEX_INITIALIZER;

/* Another thread may have been at the list when this one forked: begin a new one. */
static void begin_generation(void)
{
    static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
    process_generation++;
    closed = NULL;
    closed_lock = unlocked;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, begin_generation);
}

void handle_refuse(const struct pool *pool)
{
    errno = pool == NULL || pool->generation == 0 ? EINVAL : EPERM;
}

struct pool *handle_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&closed_lock);
    struct pool *pool = closed;
    if (pool != NULL)
        closed = pool->next;
    pthread_mutex_unlock(&closed_lock);
    if (pool == NULL)
        pool = malloc(sizeof *pool);
    if (pool != NULL)
        *pool = (struct pool){.generation = process_generation, .trace = -1};
    return pool;
}

void handle_put(struct pool *pool)
{
    pool->generation = 0; /* nobody's */
    pthread_mutex_lock(&closed_lock);
    pool->next = closed;
    closed = pool;
    pthread_mutex_unlock(&closed_lock);
}
