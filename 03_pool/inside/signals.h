/*
 * signals.h: the signals that the foreman listens to.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "shared.h"

#define PARENT_ENDED SIGUSR1 /* sent by the kernel when the program ends */

/* In the foreman, with all signals blocked: give all of them the default disposition, which the
 * workers inherit. */
void signals_reset(void);

/* In the foreman, after that: from now on the end of a child and PARENT_ENDED ring the foreman's
 * bell. If they came before, they were blocked, and do so at once. All others stay blocked. */
void signals_listen(struct shared *shared);

/* In a worker: remove the foreman's handlers, if the foreman listened when it forked the worker. */
void signals_unlisten(void);

/* Whether PARENT_ENDED has come since the last call. Any process may have sent it. */
bool signals_parent_ended(void);

#endif
