/*
 * handle.c: see handle.h.
 */
#include "handle.h"

#include <pthread.h>
#include <stdlib.h>

/* The closed ones. Several threads may open and close pools. */
static struct pool *closed;
static pthread_mutex_t closed_lock = PTHREAD_MUTEX_INITIALIZER;

/* A thread of the parent may have held the lock at the fork: a child starts afresh. */
static void forget_parents_list(void)
{
    static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
    closed = NULL;
    closed_lock = unlocked;
}

static void register_handler(void)
{
    pthread_atfork(NULL, NULL, forget_parents_list);
}

void handle_refuse(const struct pool *pool)
{
    errno = pool == NULL || pool->generation == HANDLE_CLOSED ? EINVAL : EPERM;
}

int refuse(int error)
{
    errno = error;
    return -1;
}

struct pool *handle_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_handler);
    pthread_mutex_lock(&closed_lock);
    process_watch();
    struct pool *pool = closed;
    if (pool != NULL)
        closed = pool->next;
    pthread_mutex_unlock(&closed_lock);
    if (pool == NULL)
        pool = malloc(sizeof *pool);
    if (pool != NULL)
        *pool = (struct pool){.generation = process_number(), .inherited.trace = -1};
    return pool;
}

void handle_put(struct pool *pool)
{
    pool->generation = HANDLE_CLOSED;
    pthread_mutex_lock(&closed_lock);
    pool->next = closed;
    closed = pool;
    pthread_mutex_unlock(&closed_lock);
}
