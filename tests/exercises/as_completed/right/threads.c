/* A thread waits for each future; a lock lets one at a time call each(). */
#include "as_completed.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*call)(struct future *);

static void *await_one(void *argument)
{
    future_result(argument, POOL_FOREVER, NULL);
    pthread_mutex_lock(&lock);
    call(argument);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    pthread_t *threads = calloc(count + 1, sizeof *threads);
    call = each;
    for (size_t i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, await_one, futures[i]);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return 0;
}
