/*
 * future.h: results that are not there yet.
 *
 *     struct future *future = future_submit(pool, work, &x, sizeof x, sizeof result);
 *     ...
 *     if (future_result(future, POOL_FOREVER, &result) == FUTURE_OK)
 *         ...
 *     future_free(future);
 *
 * A future is a task and a place for its result, side by side in memory that the program and the
 * workers share. The worker writes the result there, and the program reads it there. Nothing is
 * sent.
 *
 * What pool.h says about sizes, times, errno and ownership holds here, too, and what task.h says
 * about timeouts. The program owns a future from future_submit() or future_reserve() until it calls
 * future_free() or pool_close().
 *
 * The NULL of a failed future_submit() may be given to every function but future_argument(). For
 * it, a status is FUTURE_MISUSE with EINVAL; future_done() is true and the other bools are false;
 * pointers are NULL; future_publish() and future_on_end() return -1; future_print() prints
 * "misuse"; other numbers are 0.
 */
#ifndef FUTURE_H
#define FUTURE_H

#include "task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct future;

/*
 * The function that a future runs in a worker. It reads *argument, writes *result and returns 0;
 * any other number means that it failed (chapter 6 adds a message). *result is not zeroed before.
 * Argument and result are aligned for any type of their size, up to an alignment of 4096 bytes.
 */
typedef int future_function(void *argument, void *result);

enum future_status {
    FUTURE_MISUSE = -1, /* see errno */
    FUTURE_OK,          /* the function returned 0: there is a result */
    FUTURE_FAILED,      /* it returned another number: future_returned() */
    FUTURE_TIMEOUT,     /* it has not ended yet */
    FUTURE_CANCELLED,   /* cancelled before it started */
    FUTURE_STOPPED,     /* killed by future_stop() */
    FUTURE_EXPIRED,     /* killed because it ran longer than its limit */
    FUTURE_LOST,        /* its worker died running it: future_worker_status() */
    FUTURE_BROKEN       /* the pool broke, or was closed, before the future ended */
};

/*
 * Submit work(copy of argument, place for a result of result_size bytes). Never blocks. The caller
 * owns the future. NULL: errors as for pool_submit(), and EOVERFLOW (argument_size is nearly 4 GiB:
 * UINT32_MAX - 16384 or more).
 */
struct future *future_submit(struct pool *pool, future_function *work,
                             const void *argument, size_t argument_size,
                             size_t result_size);

/* future_submit() with a time limit: after running for `limit` seconds, the task is killed and
 * ends as FUTURE_EXPIRED. 0: no limit. NULL: also EINVAL (limit below 0 or NaN). */
struct future *future_submit_limited(struct pool *pool, double limit,
                                     future_function *work, const void *argument,
                                     size_t argument_size, size_t result_size);

/*
 * future_submit() in three steps, for an argument that is built in place and not copied: reserve a
 * future, fill in the memory at future_argument(), publish the future. Between reserve and
 * publish, only these functions and future_free() may be used on it. If future_publish() fails, it
 * may be called again. Errors as for future_submit().
 */
struct future *future_reserve(struct pool *pool, future_function *work,
                              size_t argument_size, size_t result_size);
void *future_argument(struct future *future);
int future_publish(struct future *future);

/*
 * Wait until the future has ended, at most `timeout` seconds, and return its status. If that is
 * FUTURE_OK, the result_size bytes of the result are copied to *result, unless result is NULL;
 * otherwise *result is left alone. May be called any number of times. FUTURE_MISUSE: EINVAL (no
 * future, or the timeout is NaN), EPERM.
 */
enum future_status future_result(struct future *future, double timeout, void *result);

/* A pointer to the result in shared memory, valid until future_free(); NULL unless the status is
 * FUTURE_OK. Use it to read a large result without copying it. */
void *future_value(struct future *future);

/* The status now, without waiting; FUTURE_TIMEOUT if the future has not ended. */
enum future_status future_status(struct future *future);
bool future_done(struct future *future); /* it has ended, in whatever way */
bool future_running(struct future *future);
bool future_cancelled(struct future *future);

/* For FUTURE_FAILED, the number that the function returned; otherwise 0. For FUTURE_LOST, the wait
 * status of the dead worker, to be taken apart by WIFSIGNALED() and the like; otherwise 0. */
int future_returned(struct future *future);
int future_worker_status(struct future *future);

/* Cancel the future if it still waits. True: it will not run. False: it runs, and goes on, or it
 * has ended in another way. */
bool future_cancel(struct future *future);

/* Cancel the future if it waits; have its worker killed if it runs. Does not wait for the end,
 * except up to a second if the task changed its user id. True: the future is cancelled or stopped,
 * or will be stopped as soon as its worker is dead. False: it has ended in another way, or its
 * worker can't be killed: see task_stop(). */
bool future_stop(struct future *future);

/* Give the future back. If it has not ended, its task goes on, and the result is dropped. -1: as
 * task_free(). future_free(NULL) does nothing and returns 0. */
int future_free(struct future *future);

/* Print "<Future at 0x7f… state=pending>", as Python does, without a newline. Returns what
 * fprintf() returns. The names are: pending, running, finished, failed, cancelled, stopped,
 * expired, lost, broken; misuse for NULL. future_status_name() says pending for running, too. */
int future_print(struct future *future, FILE *stream);
const char *future_status_name(enum future_status status);

/*
 * Have callback(future, argument) called once, after the future has ended in whatever way: by
 * pool_dispatch(), or when the pool is closed. See task_on_end() in program.h for the rules.
 * A future that has a callback must not be given to completions_open() or future_wait_first(), nor
 * be freed before the callback. -1: EINVAL, ENOMEM, EPERM.
 */
typedef void future_callback(struct future *future, void *argument);
int future_on_end(struct future *future, future_callback *callback, void *argument);

/* ---- Many at once ---- */

/* Wait until all have ended, at most `timeout` seconds altogether. FUTURE_OK: they have, in
 * whatever way each, or count is 0. Else FUTURE_TIMEOUT, or FUTURE_MISUSE: EINVAL (a future is NULL
 * or not published, or the timeout is NaN), EPERM. */
enum future_status future_wait_all(struct future **futures, size_t count, double timeout);

/* Wait until one of them has ended and return its index; if several have, that of the one that
 * ended first. -1: ETIMEDOUT, EINVAL (a future is NULL or not published, they are of several pools,
 * or the timeout is NaN), ENOENT (count is 0), ENOMEM, EPERM. */
ssize_t future_wait_first(struct future **futures, size_t count, double timeout);

/*
 * completions_next() returns each future once, in the order in which they end, at a cost that does
 * not grow with the number that wait. Futures that ended before completions_open() come first, in
 * the same order.
 *
 *     struct completions *completions = completions_open(futures, count);
 *     while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
 *         ...
 *     completions_close(completions);
 *
 * The futures still belong to the caller; each may be freed once it was returned, or after
 * completions_close(). pool_close() does not close completions: call completions_close() before it,
 * and never after. A future may be in one such set at a time. completions_open() returns NULL with
 * EINVAL (a future is NULL or not published, or they are of several pools), ENOMEM or EPERM;
 * completions_next() with ENOENT (all were returned), ETIMEDOUT, EINVAL or EPERM.
 */
struct completions *completions_open(struct future **futures, size_t count);
struct future *completions_next(struct completions *completions, double timeout);
void completions_close(struct completions *completions);

/*
 * Do results[i] = work(inputs[i]) for i = 0 ... count - 1: in parallel, in chunks of several items
 * to a task, and with a bounded number of tasks submitted at a time. inputs and results are arrays
 * of `count` elements, of input_size and result_size bytes each. If an item crashes its worker,
 * only that item is lost; the items after it in its chunk are submitted again.
 *
 * Returns FUTURE_OK if all items ended so; else the status of the first item, by index, that did
 * not. Without options->status the map then stops: items not yet begun are not run, and results[]
 * is incomplete. With options->status the map goes on, and status[i] says how each item ended.
 *
 * FUTURE_MISUSE: errors as for future_submit(). If the queue is full of other tasks, that is an error
 * (EAGAIN) only for the first chunk; later the map waits for room. FUTURE_TIMEOUT: the time was over, even if an item
 * had failed before. FUTURE_BROKEN: the pool broke, or another thread closes it. After
 * FUTURE_TIMEOUT and FUTURE_BROKEN, status[i] is that same status for each item that did not end,
 * and results[i] is there for each that is FUTURE_OK. Whenever the map ends early, items not begun
 * are dropped; those that run go on in their workers, and the map does not wait for them. Items
 * that fail have no message; to get messages, submit futures.
 */
struct map_options {
    size_t chunk; /* items in a task; 0: so many that each worker gets about 16 tasks */
    size_t in_flight; /* tasks submitted at a time; 0: four for each worker */
    bool limited;     /* stop after `timeout` seconds in all */
    double timeout;
    enum future_status *status; /* `count` of them, written to; NULL: stop at a failure */
};

enum future_status future_map(struct pool *pool, future_function *work,
                              const void *inputs, size_t count, size_t input_size,
                              void *results, size_t result_size,
                              const struct map_options *options); /* NULL: all 0 */

/* ---- For chapter 6 ---- */

/* In a worker, the future whose task it runs; NULL in any other process. */
struct future *future_current(void);

/* In a worker that is about to die, note at which instruction the current future's task was, and
 * which address it could not access. In the program, get what was noted for a future that is
 * FUTURE_LOST; false: nothing was. */
void future_note_crash(const void *code, const void *data);
bool future_crash(struct future *future, const void **code, const void **data);

#ifdef __cplusplus
}
#endif

#endif
