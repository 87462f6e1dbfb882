/*
 * worker.h: a worker's life, and waking one that sleeps.
 */
#ifndef WORKER_H
#define WORKER_H

#include "shared.h"

/* How far a worker has come: struct slot's ready. */
enum readiness {
    STARTING,
    READY,
    INITIALIZER_SAYS_NO
};

/* The whole life of worker `number`, in the process just forked for it. */
_Noreturn void worker_run(struct pool *pool, unsigned number);

/* There is work: see to it that one worker that sleeps, if any, wakes. */
void workers_wake_one(struct shared *shared, int workers);

/* What it asks first. */
static inline bool workers_any_idle(struct shared *shared, int workers)
{
    for (int word = 0; word * 64 < workers; word++)
        if (atomic_load(&shared->idle[word]) != 0)
            return true;
    return false;
}

/* A worker died, maybe while it woke another, or between being woken and looking: whoever
 * it may have left asleep, marked as awake, wakes. */
void workers_repair(struct shared *shared, int workers);

void workers_wake_all(struct shared *shared, int workers);

/* This worker sleeps no more, or never will: forget that it said so. */
void worker_not_idle(struct shared *shared, unsigned number);

#endif
