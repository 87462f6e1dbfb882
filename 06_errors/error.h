/*
 * error.h: why a future has no result, in words.
 *
 *     static int work(void *argument, void *result)
 *     {
 *         ...
 *         return task_error("no such file: %s", name);
 *     }
 *
 *     if (future_result(future, POOL_FOREVER, &result) != FUTURE_OK)
 *         printf("Failed with %s!\n", future_error(future));
 *
 * An error is a value: the task returns it, in place of a result, and the future carries
 * it to the program. A death is an error as well, whose message the program writes.
 */
#ifndef ERROR_H
#define ERROR_H

#include <limits.h>

#include "future.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TASK_ERROR INT_MIN /* a number that no task returns by chance */

/*
 * In a task: leave a message, formatted as by printf(), and return TASK_ERROR, for the task
 * to return. There is room for 63 bytes, or as many as argument and result take together;
 * a longer message is cut and ends in "...". Outside of a future's task nothing is left.
 */
__attribute__((format(printf, 1, 2))) int task_error(const char *format, ...);

/*
 * In the program: what went wrong, in a line without a newline. NULL: nothing, there is a
 * result. The text belongs to the future and lives as long.
 *
 *     FUTURE_MISUSE     "no future": it is null
 *     FUTURE_FAILED     what task_error() was given, or "returned 7"
 *     FUTURE_TIMEOUT    "not ended yet"
 *     FUTURE_CANCELLED  "cancelled"
 *     FUTURE_STOPPED    "stopped"
 *     FUTURE_EXPIRED    "stopped at its time limit"
 *     FUTURE_LOST       "killed by signal 11 (Segmentation fault)", or "exited with
 *                       status 3"
 *     FUTURE_BROKEN     "pool broken: the foreman died"
 */
const char *future_error(struct future *future);

#ifdef __cplusplus
}
#endif

#endif
