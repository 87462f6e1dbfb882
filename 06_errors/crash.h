/*
 * crash.h: where a task crashed.
 *
 *     struct pool *pool = pool_open_with(
 *         &(struct pool_options){.workers = 4, .initializer = crash_locate});
 *     ...
 *     char text[200];
 *     crash_describe(future, text, sizeof text);
 *
 *     killed by signal 11 (Segmentation fault) at address 0, in write_to_null()
 *
 * When the initializer is not used, workers have default dispositions for these signals.
 */
#ifndef CRASH_H
#define CRASH_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An initializer, or for an initializer of yours to call; the argument is not used. In this worker
 * a handler for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT notes where the task was, on a stack of
 * its own, so that a stack overflow is located, too. Then the signal ends the worker, as without
 * the handler, with a core file where core files are wanted. A signal that was sent, as by abort(),
 * is not located. Returns 0, or -1 and errno.
 */
int crash_locate(void *unused);

/* What future_error() says and, for a task that crash_locate() saw crash, where: the address that it
 * could not access, the function and, if that is not the program's, the library.
 * Returns the length, as snprintf(). */
int crash_describe(struct future *future, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
