/*
 * trace.h: what the workers did when, as a file that Perfetto and chrome://tracing open.
 *
 * Written when the environment variable POOL_TRACE names a file; a second pool in the
 * same program writes to FILE.2, and so on. One track for the program and one for each
 * worker. The format: "Trace Event Format", the JSON array form, complete ("X") events.
 */
#ifndef TRACE_H
#define TRACE_H

#include "shared.h"

/* Before the first fork. Complains once on stderr if the file can't be written. */
void trace_open(struct pool *pool);

/* Times as from clock_now(). */
void trace_task(struct pool *pool, unsigned worker, pid_t pid, uint64_t ticket,
                int64_t started, int64_t ended, enum task_state end);
void trace_wait(struct pool *pool, int64_t started, int64_t ended);

void trace_close(struct pool *pool);

#endif
