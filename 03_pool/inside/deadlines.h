/*
 * deadlines.h: which tasks the foreman ends: those to be stopped, and those whose time is over.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "crew.h"

/* Kill the workers whose task is to be stopped or has reached its deadline. Returns the next
 * deadline, and stores it in shared memory as the foreman's alarm: a worker that sets an earlier
 * deadline rings the foreman's bell. */
int64_t tend_deadlines(struct foreman *foreman);

#endif
