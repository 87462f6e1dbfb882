/*
 * signals.h: the signals that the foreman listens to.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "shared.h"

#define PARENT_ENDED SIGUSR1 /* sent by the kernel when the program ends */

/* In the foreman, with all signals blocked: from now on the end of a child and PARENT_ENDED ring
 * the foreman's bell. All other signals have their default action. */
void signals_listen(struct shared *shared);

/* In a worker: remove the foreman's handlers. */
void signals_unlisten(void);

/* Whether PARENT_ENDED has come since the last call. Any process may have sent it. */
bool signals_parent_ended(void);

#endif
