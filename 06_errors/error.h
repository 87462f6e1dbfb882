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
 * An error is a value: the task returns it in place of a result, and the future carries it to the
 * program. If the worker died instead, future_error() makes the message.
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
 * For a task: leave a message in the future, formatted as by printf(), and return TASK_ERROR, which
 * the task then returns. There is room for as many bytes as argument and result take together, or
 * 63 if that is more; a longer message is cut and ends in "...". A call from anywhere else leaves
 * no message.
 */
__attribute__((format(printf, 1, 2))) int task_error(const char *format, ...);

/*
 * For the program: what went wrong, as a line without a newline; NULL if nothing did, so that
 * there is a result. The text belongs to the future and is valid until future_free().
 *
 *     FUTURE_MISUSE     "no future": it is NULL
 *     FUTURE_FAILED     the message of task_error(), or "returned 7", or "failed without a
 *                       message" if the task returned TASK_ERROR by itself
 *     FUTURE_TIMEOUT    "not ended yet"
 *     FUTURE_CANCELLED  "cancelled"
 *     FUTURE_STOPPED    "stopped"
 *     FUTURE_EXPIRED    "stopped at its time limit"
 *     FUTURE_LOST       "killed by signal 11 (Segmentation fault)", or "exited with
 *                       status 3"
 *     FUTURE_BROKEN     "pool broken: the foreman died", or another reason; see pool_broken()
 */
const char *future_error(struct future *future);

#ifdef __cplusplus
}
#endif

#endif
