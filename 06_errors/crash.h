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
 * Without this initializer, workers have the default dispositions for SIGSEGV and the like.
 */
#ifndef CRASH_H
#define CRASH_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An initializer for pool_options, or to be called by an initializer of your own. It installs a
 * handler for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT, which notes the place of the crash in
 * the future. The handler has a stack of its own, so a stack overflow is located, too. After it,
 * the signal ends the worker as it would without the handler, with a core file if those are
 * enabled. No place is noted for a signal that a process sent, as abort() does. The argument is
 * not used. Returns 0; -1 and errno: no handler could be installed.
 */
int crash_locate(void *unused);

/*
 * For the program: write what future_error() says to `text`, an array of `size` bytes; if the place
 * of the crash was noted, also the address that the task could not access (unless no process can
 * have such an address), the function, and, if that is not the program's, the library. A text of
 * `size` bytes or more is cut. If there is a result, the text is "". Returns the length of the
 * whole text, as snprintf() does.
 */
int crash_describe(struct future *future, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
