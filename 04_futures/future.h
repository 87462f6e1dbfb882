/*
 * future.h: results that are not there yet.
 *
 *     struct future *future = future_submit(pool, work, &x, sizeof x, sizeof result);
 *     ...
 *     if (future_result(future, POOL_FOREVER, &result) == FUTURE_OK)
 *         ...
 *     future_free(future);
 *
 * A future is a promise about memory: the task's argument and the place for its result
 * lie side by side in memory that program and workers share. The worker writes the result
 * there, and there the program reads it. Nothing is sent.
 *
 * What pool.h says about sizes, times, errno and whose calls they are holds here too. A
 * future is used between future_submit() and the first of future_free() and pool_close().
 * The null that future_submit() returns when it fails is FUTURE_MISUSE, EINVAL, to all.
 */
#ifndef FUTURE_H
#define FUTURE_H

#include "task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct future;

/*
 * What a future runs, in a worker: read the argument, write the result, return 0. Another
 * number means failure (chapter 6 lets it come with a message). The result is not zeroed.
 * Both are aligned for any type of their size, over-aligned ones included, up to 4096 bytes.
 */
typedef int future_function(void *argument, void *result);

enum future_status {
    FUTURE_MISUSE = -1, /* see errno */
    FUTURE_OK,          /* the function returned 0: there is a result */
    FUTURE_FAILED,      /* it returned another number: future_returned() */
    FUTURE_TIMEOUT,     /* it has not ended so far */
    FUTURE_CANCELLED,   /* cancelled before it started */
    FUTURE_STOPPED,     /* killed by future_stop() */
    FUTURE_EXPIRED,     /* killed because it ran longer than its limit */
    FUTURE_LOST,        /* its worker died running it: future_worker_status() */
    FUTURE_BROKEN       /* the pool broke */
};

/*
 * Submit work(copy of argument, place for a result of result_size bytes). Never blocks.
 * The caller owns the future. NULL: as pool_submit(), or EOVERFLOW (argument_size 4 GiB
 * or more).
 */
struct future *future_submit(struct pool *pool, future_function *work,
                             const void *argument, size_t argument_size,
                             size_t result_size);

/* The same for a task that is killed when it has run for `limit` seconds. */
struct future *future_submit_limited(struct pool *pool, double limit,
                                     future_function *work, const void *argument,
                                     size_t argument_size, size_t result_size);

/*
 * The same in three steps, for an argument that is built in place and not copied: reserve it,
 * fill in future_argument(), publish it. Until it is published, nothing else may be done with the
 * future but future_free(). After future_publish() has failed, it may be tried again. Errors as for
 * future_submit().
 */
struct future *future_reserve(struct pool *pool, future_function *work,
                              size_t argument_size, size_t result_size);
void *future_argument(struct future *future);
int future_publish(struct future *future);

/*
 * Wait for the end, at most `timeout` seconds, and copy the result to *result, unless
 * result is NULL. May be called as often as you like. *result is written to only if the
 * status is FUTURE_OK. FUTURE_MISUSE: EINVAL (the timeout is NaN), EPERM.
 */
enum future_status future_result(struct future *future, double timeout, void *result);

/* Where the result is, for reading it in place; NULL unless it is there. */
void *future_value(struct future *future);

/* The status as of now, FUTURE_TIMEOUT while there is no end. */
enum future_status future_status(struct future *future);
bool future_done(struct future *future); /* it ended, in whatever way */
bool future_running(struct future *future);
bool future_cancelled(struct future *future);

/* FUTURE_FAILED: the number the function returned, else 0. FUTURE_LOST: how the worker
 * ended, for WIFSIGNALED() and so on, else 0. */
int future_returned(struct future *future);
int future_worker_status(struct future *future);

/* Take it back; true if it will not run (or ended so before). A task that runs goes on.
 */
bool future_cancel(struct future *future);

/* Take it back or kill its worker. True if it will end without a result; the end comes as
 * soon as the worker is dead. */
bool future_stop(struct future *future);

/* Give the memory back. A task that has not ended goes on; its result is dropped. -1 as
 * task_free(). NULL does nothing. */
int future_free(struct future *future);

/* "<Future at 0x7f… state=pending>", as Python prints it, without a newline. Returns what
 * fprintf() returns. */
int future_print(struct future *future, FILE *stream);
const char *future_status_name(enum future_status status);

/*
 * Have callback(future, argument) run once when the future has ended, in whatever way: in the
 * program, by pool_dispatch() or when the pool is closed. See program.h for event loops. The future
 * is in no completions, and freed at the earliest by its callback. -1: EINVAL, ENOMEM, EPERM.
 */
typedef void future_callback(struct future *future, void *argument);
int future_on_end(struct future *future, future_callback *callback, void *argument);

/* ---- Many at once ---- */

/* Wait until all ended: FUTURE_OK (however they ended), FUTURE_TIMEOUT, FUTURE_MISUSE. */
enum future_status future_wait_all(struct future **futures, size_t count, double timeout);

/* Wait until one ended; its index (of those found at the same look, the one that ended
 * first). -1: ETIMEDOUT, EINVAL, ENOENT (count is 0), ENOMEM, EPERM. */
ssize_t future_wait_first(struct future **futures, size_t count, double timeout);

/*
 * Each future once, in the order in which they end, at a constant cost for each. Those that
 * had ended before come first, in the order of submission.
 *
 *     struct completions *completions = completions_open(futures, count);
 *     while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
 *         ...
 *     completions_close(completions);
 *
 * A future is in one completions at a time, and freed only after it came out or after
 * completions_close(). NULL from open: EINVAL (a null, or futures of several pools),
 * ENOMEM, EPERM; from next: ENOENT (all came out), ETIMEDOUT, EINVAL, EPERM.
 */
struct completions *completions_open(struct future **futures, size_t count);
struct future *completions_next(struct completions *completions, double timeout);
void completions_close(struct completions *completions);

/*
 * results[i] = work(inputs[i]) for i = 0 … count - 1, in order, with a bounded number of
 * tasks in flight. A crash costs one item: those behind it in its chunk, which had not
 * begun, are submitted again.
 *
 * Returns FUTURE_OK if all items are; else the status of the first one that is not.
 * Without options->status the rest is then not begun any more, and results[] is
 * incomplete. FUTURE_MISUSE: as future_submit(); FUTURE_TIMEOUT: out of time, the rest is
 * cancelled. FUTURE_BROKEN: the pool broke. In these two cases options->status, if given,
 * says of each item how it ended or that it did not, and the results of those that are
 * FUTURE_OK are there. Items that fail have no message: for messages, submit futures.
 */
struct map_options {
    size_t chunk;     /* items in a task; 0: what spreads them well over the workers */
    size_t in_flight; /* most tasks at a time; 0: four for each worker */
    bool limited;     /* stop after `timeout` seconds in all */
    double timeout;
    enum future_status *status; /* of each item; NULL: stop at the first failure */
};

enum future_status future_map(struct pool *pool, future_function *work,
                              const void *inputs, size_t count, size_t input_size,
                              void *results, size_t result_size,
                              const struct map_options *options); /* NULL: all 0 */

/* ---- For chapter 6 ---- */

/* In a worker: the future whose task runs now; NULL elsewhere. */
struct future *future_current(void);

/* In a worker that is about to die: note where the current future's task was, and what it could not
 * access. In the program, for a FUTURE_LOST: what was noted; false: nothing. */
void future_note_crash(const void *code, const void *data);
bool future_crash(struct future *future, const void **code, const void **data);

#ifdef __cplusplus
}
#endif

#endif
