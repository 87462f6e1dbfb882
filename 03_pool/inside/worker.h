/*
 * worker.h: a worker's life.
 */
#ifndef WORKER_H
#define WORKER_H

#include "shared.h"

/* The whole life of worker `number`, in the process just forked for it, with default signal
 * dispositions. */
_Noreturn void worker_run(struct pool *pool, unsigned number);

#endif
