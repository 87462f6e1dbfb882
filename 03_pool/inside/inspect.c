/*
 * inspect.c: the state of a pool, in numbers and words, for observers.
 */
#include "handle.h"
#include "pause.h"
#include "queue.h"

/* Opened by this or another process, and not closed here: its memory is mapped. */
static bool is_open(const struct pool *pool)
{
    return pool != NULL && pool->generation != HANDLE_CLOSED;
}

int pool_workers(const struct pool *pool)
{
    return is_open(pool) ? pool->inherited.workers : 0;
}

pid_t pool_worker(const struct pool *pool, int number)
{
    return number >= 0 && number < pool_workers(pool)
               ? atomic_load(&pool->shared->slots[number].pid)
               : 0;
}

pid_t pool_foreman(const struct pool *pool)
{
    return is_open(pool) ? atomic_load(&pool->shared->foreman) : 0;
}

size_t pool_waiting(const struct pool *pool)
{
    if (!is_open(pool))
        return 0;
    return queue_length(&pool->shared->queue);
}

const char *pool_broken(struct pool *pool)
{
    if (!is_open(pool))
        return "pool broken: it is not open";
    if (!pool_is_broken(pool))
        return NULL;
    switch ((enum breakage)atomic_load(&pool->shared->broken)) {
    case INITIALIZER_FAILED:
        return "pool broken: the initializer failed";
    case NOT_BROKEN: /* it is being closed: see pool_is_broken() */
    case ABORTED:
        return "pool broken: it was closed before its tasks had ended";
    case CANNOT_FORK:
        return "pool broken: no worker could be forked";
    default:
        return "pool broken: the foreman died";
    }
}

void pool_print(const struct pool *pool, FILE *stream)
{
    if (!is_open(pool)) {
        fputs("pool: not open\n", stream);
        return;
    }
    struct shared *shared = pool->shared;
    fprintf(stream, "pool: head %llu, tail %llu, %d workers, foreman %ld, broken %d\n",
            (unsigned long long)atomic_load(&shared->queue.head),
            (unsigned long long)atomic_load(&shared->queue.tail), pool->inherited.workers,
            (long)atomic_load(&shared->foreman), atomic_load(&shared->broken));
    for (int i = 0; i < pool->inherited.workers; i++) {
        struct slot *slot = &shared->slots[i];
        struct task *task = atomic_load(&slot->task);
        /* A task that writes wildly may have overwritten the pointer. */
        bool known = arena_may_have(&pool->arena, task);
        uint64_t word = known ? atomic_load(&task->word) : 0;
        bool idle = (atomic_load(&shared->idle[i / 64]) >> i % 64 & 1) != 0;
        fprintf(stream, "worker %d: process %ld, %llu tasks, %s, task %llu in state %d\n",
                i, (long)atomic_load(&slot->pid),
                (unsigned long long)atomic_load(&slot->tasks), idle ? "idle" : "awake",
                (unsigned long long)word_ticket(word), (int)word_state(word));
    }
}
