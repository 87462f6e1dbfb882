/*
 * loop.h: callbacks, and the descriptor that an event loop polls.
 */
#ifndef LOOP_H
#define LOOP_H

#include "shared.h"

/* Before the foreman is forked: what the descriptor needs, if options.event_loop says so. -1:
 * EMFILE, ENFILE, ENOMEM. */
int loop_open(struct pool *pool);

/* When the foreman exists: have the descriptor tell of its end, too. -1: EMFILE, ENOMEM, ENOSPC. */
int loop_watch_foreman(struct pool *pool);

/* Run the callbacks of all tasks that have ended. Returns how many ran. -1, EPERM: this is a child
 * that one of them forked; the pool is not its own, and no others run in it. */
int loop_run_callbacks(struct pool *pool);

void loop_close(struct pool *pool);

#endif
