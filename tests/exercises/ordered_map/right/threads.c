/* A thread for each worker, which takes the next item: no poll(). */
#include "ordered_map.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

static const struct hall *the_hall;
static const struct item *from_here;
static struct item *to_here;
static size_t all;
static atomic_size_t next_item;
static atomic_bool failed;

static void *serve(void *argument)
{
    int worker = (int)(long)argument;
    for (size_t i; (i = atomic_fetch_add(&next_item, 1)) < all;) {
        size_t size = 0;
        ssize_t part;
        for (; size < sizeof *from_here && !failed; size += part > 0 ? (size_t)part : 0)
            if ((part = write(the_hall->to[worker], from_here[i].bytes + size,
                              sizeof *from_here - size)) < 0 &&
                errno != EINTR)
                failed = true;
        for (size = 0; size < sizeof *to_here && !failed;
             size += part > 0 ? (size_t)part : 0) {
            part = read(the_hall->from[worker], to_here[i].bytes + size,
                        sizeof *to_here - size);
            if (part == 0 || (part < 0 && errno != EINTR))
                failed = true;
        }
    }
    return NULL;
}

int ordered_map(const struct hall *hall, const struct item *inputs, struct item *results,
                size_t count)
{
    pthread_t threads[HALL_MOST];
    the_hall = hall;
    from_here = inputs;
    to_here = results;
    all = count;
    next_item = 0;
    failed = false;
    for (long i = 0; i < hall->workers; i++)
        pthread_create(&threads[i], NULL, serve, (void *)i);
    for (int i = 0; i < hall->workers; i++)
        pthread_join(threads[i], NULL);
    return failed ? -1 : 0;
}
