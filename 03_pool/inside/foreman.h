/*
 * foreman.h: the process between the program and its workers.
 */
#ifndef FOREMAN_H
#define FOREMAN_H

#include "shared.h"

/* The whole life of the foreman, in the process just forked for it, with all signals blocked. */
_Noreturn void foreman_run(struct pool *pool);

#endif
