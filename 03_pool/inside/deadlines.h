/*
 * deadlines.h: which tasks the foreman ends: those to be stopped, and those whose time is over.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "crew.h"

/* Kill the workers whose task is to be stopped or has reached its deadline. Returns the next
 * deadline, which is the foreman's alarm in shared memory, too: a worker whose deadline is earlier
 * rings the bell. */
int64_t tend_deadlines(struct foreman *foreman);

#endif
