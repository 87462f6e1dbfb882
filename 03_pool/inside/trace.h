/*
 * trace.h: which worker ran which task when, as a file for Perfetto or chrome://tracing.
 *
 * It is written when the environment variable POOL_TRACE names a file; the second pool of a
 * program writes to FILE.2, and so on. A pool that a task opens, a program that a task starts, and
 * a program that begins while another one still writes there, write to FILE.PID instead. There is
 * a track for the program and one for each worker. The format is the JSON array form of the "Trace
 * Event Format", with complete ("X") events.
 */
#ifndef TRACE_H
#define TRACE_H

#include "shared.h"

/* Call it before the first fork. A file that can't be opened or written costs one line on stderr;
 * the pool goes on without a trace. If it is a pipe that is full, workers wait for its reader, up to
 * three seconds; what the program and the foreman would write then is left out. */
void trace_open(struct pool *pool);

/* Times are those of clock_now(). */
void trace_task(struct pool *pool, unsigned worker, pid_t pid, uint64_t ticket,
                int64_t started, int64_t ended, enum task_state end);
void trace_wait(struct pool *pool, int64_t started, int64_t ended);

void trace_close(struct pool *pool);

#endif
