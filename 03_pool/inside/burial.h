/*
 * burial.h: what the foreman does for a worker that has died.
 *
 * It reports the task that the worker ran as lost, and does what the worker may have left undone: to
 * wake another process. It knows for certain that the worker is dead, as the kernel said so, and
 * the worker keeps its pid until it is reaped. So no other process acts for it.
 */
#ifndef BURIAL_H
#define BURIAL_H

#include "crew.h"

/* Bury and reap every dead child. A place that becomes empty is for replace_the_dead(). */
void bury_the_dead(struct foreman *foreman);

/* Workers that a signal has stopped, or made go on. */
void look_for_stopped(struct foreman *foreman);

#endif
