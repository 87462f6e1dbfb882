/*
 * map.c: one function over many inputs, results in order.
 *
 * Inputs go out in chunks, so that small items don't each pay for a task. The chunks in
 * flight form a queue; the program always waits for the oldest, takes its results, and
 * submits the next chunk in its place.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chunk.h"
#include "future.h"
#include "program.h"

#define CHUNKS_PER_WORKER 16
#define IN_FLIGHT         4 /* for each worker */

/* A chunk in flight. */
struct flight {
    struct chunk *chunk;
    size_t first; /* its first item's number */
};

struct map {
    struct pool *pool;
    struct chunk_kind kind;
    const char *inputs;
    char *results;
    size_t count, chunk;
    enum future_status *status;
    bool limited;
    double end;

    struct flight *flights; /* a ring, oldest first */
    size_t capacity, oldest, flying;
    size_t next;                /* the first item not yet submitted */
    enum future_status failure; /* of the first item, by index, that is not OK */
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Seconds, as task_wait() takes them. */
static double time_left(const struct map *map)
{
    if (!map->limited)
        return POOL_FOREVER;
    double left = map->end - now();
    return left > 0 ? left : 0;
}

static int submit_items(struct map *map, struct flight *flight, size_t first,
                        size_t count)
{
    const char *inputs =
        map->inputs != NULL ? map->inputs + first * map->kind.input_size : NULL;
    size_t room = map->chunk < map->count ? map->chunk : map->count;
    struct chunk *chunk = chunk_submit(map->pool, &map->kind, inputs, count, room);
    if (chunk == NULL)
        return -1;
    *flight = (struct flight){.chunk = chunk, .first = first};
    return 0;
}

/* If there is no room or no memory for another chunk, later: when one in flight has ended. */
static int fill(struct map *map)
{
    while (map->flying < map->capacity && map->next < map->count) {
        size_t left = map->count - map->next;
        size_t count = map->chunk < left ? map->chunk : left;
        size_t place = (map->oldest + map->flying) % map->capacity;
        if (submit_items(map, &map->flights[place], map->next, count) != 0)
            return map->flying > 0 && (errno == EAGAIN || errno == ENOMEM) ? 0 : -1;
        map->next += count;
        map->flying++;
    }
    return 0;
}

static void set_status(struct map *map, size_t item, enum future_status status)
{
    if (map->status != NULL)
        map->status[item] = status;
    if (status != FUTURE_OK && map->failure == FUTURE_OK)
        map->failure = status;
}

static void take_results(struct map *map, struct flight *flight, size_t ended)
{
    struct chunk *chunk = flight->chunk;
    if (ended > 0 && map->kind.result_size > 0)
        memcpy(map->results + flight->first * map->kind.result_size,
               chunk_result(chunk, 0), ended * map->kind.result_size);
    for (size_t i = 0; i < ended; i++)
        set_status(map, flight->first + i,
                   *chunk_returned(chunk, i) == 0 ? FUTURE_OK : FUTURE_FAILED);
}

/* Other tasks may have filled the queue meanwhile: wait until there is room. -1: also ETIMEDOUT. */
static int submit_rest(struct map *map, struct flight *flight, size_t first, size_t count)
{
    while (submit_items(map, flight, first, count) != 0)
        if (errno != EAGAIN || pool_wait_for_room(map->pool, time_left(map)) != 0)
            return -1;
    return 0;
}

/* Without statuses, the first failure ends the map. */
static bool stops(const struct map *map)
{
    return map->failure != FUTURE_OK && map->status == NULL;
}

/* The oldest chunk has ended: take its results. After a crash, submit the items after the lost one
 * in its place. */
static int land(struct map *map)
{
    struct flight *flight = &map->flights[map->oldest];
    struct chunk *chunk = flight->chunk;
    struct task *task = task_of(chunk);
    size_t ended = atomic_load(&chunk->ended);
    take_results(map, flight, ended);
    size_t lost = flight->first + ended, end = flight->first + chunk->count;
    enum task_state state = task_state(task);
    task_free(task);
    /* Another thread closes the pool, and drops what waits. */
    if (state == TASK_BROKEN || state == TASK_CANCELLED)
        while (lost < end)
            set_status(map, lost++, FUTURE_BROKEN);
    if (lost < end && !stops(map))
        set_status(map, lost++, FUTURE_LOST);
    bool rest = lost < end && !stops(map);
    if (rest && submit_rest(map, flight, lost, end - lost) == 0)
        return 0;
    map->oldest = (map->oldest + 1) % map->capacity;
    map->flying--;
    return rest ? -1 : 0;
}

/* Start no more items. Those that run end by themselves; the map does not wait for them. */
static void abandon(struct map *map)
{
    for (; map->flying > 0; map->flying--) {
        struct flight *flight = &map->flights[map->oldest];
        struct task *task = task_of(flight->chunk);
        atomic_store(&flight->chunk->stop, true);
        task_cancel(task);
        if (map->status != NULL) {
            bool lost = task_state(task) == TASK_LOST;
            size_t ended = atomic_load(&flight->chunk->ended);
            take_results(map, flight, ended);
            if (lost && ended < flight->chunk->count)
                set_status(map, flight->first + ended, FUTURE_LOST);
        }
        task_free(task);
        map->oldest = (map->oldest + 1) % map->capacity;
    }
}

/* Items that have not ended in a broken pool never will. */
static enum future_status broken(struct map *map)
{
    if (map->status == NULL)
        return map->failure != FUTURE_OK ? map->failure : FUTURE_BROKEN;
    enum future_status first = FUTURE_OK;
    for (size_t i = map->count; i-- > 0;) {
        if (map->status[i] == FUTURE_TIMEOUT)
            map->status[i] = FUTURE_BROKEN;
        if (map->status[i] != FUTURE_OK)
            first = map->status[i];
    }
    return first;
}

/* The map ends early, for the reason in errno. Once it has begun, EINVAL can only mean that another
 * thread closes the pool. */
static enum future_status failure_of_call(const struct map *map)
{
    switch (errno) {
    case ETIMEDOUT:
        return FUTURE_TIMEOUT;
    case EOWNERDEAD:
        return FUTURE_BROKEN;
    case EINVAL:
        return map->next > 0 ? FUTURE_BROKEN : FUTURE_MISUSE;
    default:
        return FUTURE_MISUSE;
    }
}

static enum future_status run_map(struct map *map)
{
    while (map->next < map->count || map->flying > 0) {
        if (fill(map) != 0) {
            /* Others have filled the queue. A map that has begun waits, as for its chunks. */
            if (errno != EAGAIN || map->next == 0 ||
                pool_wait_for_room(map->pool, time_left(map)) != 0)
                return failure_of_call(map);
            continue;
        }
        struct flight *oldest = &map->flights[map->oldest];
        if (task_wait(task_of(oldest->chunk), time_left(map)) != 0)
            return failure_of_call(map);
        if (land(map) != 0)
            return failure_of_call(map);
        if (stops(map))
            return map->failure;
    }
    return map->failure;
}

static void set_sizes(struct map *map, const struct map_options *options)
{
    size_t workers = (size_t)pool_workers(map->pool);
    map->chunk = options->chunk;
    if (map->chunk == 0)
        map->chunk = map->count / (CHUNKS_PER_WORKER * workers) + 1;
    map->capacity = options->in_flight != 0 ? options->in_flight : IN_FLIGHT * workers;
    size_t chunks = map->count / map->chunk + 1;
    if (map->capacity > chunks)
        map->capacity = chunks;
}

/* Whether the sizes can be added up without overflow. */
static bool sizes_fit(const struct map *map)
{
    size_t item = map->kind.input_size + map->kind.result_size;
    return map->kind.input_size <= SIZE_MAX / 16 &&
           map->kind.result_size <= SIZE_MAX / 16 &&
           map->count <= SIZE_MAX / 16 / (item + sizeof(int));
}

enum future_status future_map(struct pool *pool, future_function *work,
                              const void *inputs, size_t count, size_t input_size,
                              void *results, size_t result_size,
                              const struct map_options *options)
{
    static const struct map_options none = {.chunk = 0};
    if (options == NULL)
        options = &none;
    struct map map = {.pool = pool,
                      .kind = {work, input_size, result_size, options->status == NULL},
                      .inputs = inputs,
                      .results = results,
                      .count = count,
                      .status = options->status,
                      .limited = options->limited && options->timeout >= 0,
                      .end = now() + options->timeout};
    if (work == NULL || (count > 0 && inputs == NULL && input_size > 0) ||
        (count > 0 && results == NULL && result_size > 0) ||
        (options->limited && options->timeout != options->timeout)) {
        errno = EINVAL;
        return FUTURE_MISUSE;
    }
    if (!sizes_fit(&map)) {
        errno = ENOMEM;
        return FUTURE_MISUSE;
    }
    int entered = pool_enter(pool);
    if (entered < 0)
        return FUTURE_MISUSE;
    set_sizes(&map, options);
    map.flights = calloc(map.capacity, sizeof *map.flights);
    if (map.flights == NULL) {
        pool_leave(pool, entered);
        return FUTURE_MISUSE;
    }
    for (size_t i = 0; i < count && map.status != NULL; i++)
        map.status[i] = FUTURE_TIMEOUT;
    enum future_status status = run_map(&map);
    int saved = errno;
    abandon(&map);
    if (status == FUTURE_BROKEN)
        status = broken(&map);
    free(map.flights);
    pool_leave(pool, entered);
    errno = saved;
    return status;
}
