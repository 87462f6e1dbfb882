/*
 * burial.h: what the foreman does for a worker that has died.
 *
 * It reports the worker's task as lost, and makes the wake-ups that the worker may have owed. Only
 * the foreman acts for a dead worker: it is the parent, so the kernel tells it of the death, and
 * the worker keeps its pid until the foreman reaps it.
 */
#ifndef BURIAL_H
#define BURIAL_H

#include "crew.h"

/* Do this for every dead worker, and reap every dead child. replace_the_dead() then fills the empty
 * slots. */
void bury_the_dead(struct foreman *foreman);

/* Look for workers that a signal has stopped, and make the wake-ups that they may owe; ring the
 * bell of those that it has continued. */
void look_for_stopped(struct foreman *foreman);

#endif
