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

/* Wake one worker that sleeps, if there is one; all of them. */
void workers_wake_one(struct shared *shared, int workers);
void workers_wake_all(struct shared *shared, int workers);

/* This worker sleeps no more, or never will: forget that it said so. */
void worker_not_idle(struct shared *shared, unsigned number);

#endif
