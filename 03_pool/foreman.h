/*
 * foreman.h: the process between the program and its workers.
 */
#ifndef FOREMAN_H
#define FOREMAN_H

#include "shared.h"

/* Signals the foreman to look round: a task is to be stopped, or the pool to be closed.
 */
#define FOREMAN_BELL SIGUSR1

/* struct shared's closing. The foreman says CLOSED before it ends in good order. */
enum closing {
    OPEN,
    DRAIN,
    ABORT,
    CLOSED
};

/* The whole life of the foreman, in the process just forked for it, all signals blocked.
 */
_Noreturn void foreman_run(struct pool *pool);

#endif
