/*
 * foreman.h: the process between the program and its workers.
 */
#ifndef FOREMAN_H
#define FOREMAN_H

#include "shared.h"

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

/* For its workers: they have none of its signal handlers. */
void foreman_unlisten(void);

#endif
