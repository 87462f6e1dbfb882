/*
 * worker.h: a worker's life.
 */
#ifndef WORKER_H
#define WORKER_H

#include "shared.h"

/* The whole life of worker `number`, in the process just forked for it, with default signal
 * dispositions, on a stack of its own. */
_Noreturn void worker_run(struct pool *pool, unsigned number);

/* Called by worker_leave(), unless NULL: lets the pools that tasks left open run their tasks and
 * end. */
extern void (*worker_before_leaving)(void);

/* End this worker, or a child that a task forked, with that status: what tasks printed is written,
 * and none of the program's exit functions runs. */
_Noreturn void worker_leave(int status);

#endif
