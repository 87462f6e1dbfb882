/*
 * far.h: futures whose tasks run on other machines.
 *
 *     struct far *far = far_open(NULL);
 *     struct far_future *future = far_submit(far, "square", &x, sizeof x, sizeof result);
 *     ...
 *     if (far_result(future, FAR_FOREVER, &result) == FUTURE_OK)
 *         ...
 *     far_free(future);
 *     far_close(far);
 *
 * A job server (gearmand) stands between this program and the nodes (node.c), which serve
 * functions by name. What future.h says of futures holds here, with four differences:
 *
 *  - Argument and result are sent as bytes, so they must not contain pointers, and the machines
 *    must be of the same kind.
 *  - Jobs are sent and answers received only while the program is in far_submit(), far_result()
 *    or far_wait().
 *  - A task runs *at least once*. If its node dies or falls silent, it is given to another one;
 *    how far it had come is not known.
 *  - far_node(), far_times_sent() and far_wait() must not be given NULL. Nothing cancels or stops a
 *    task.
 *
 * Everything belongs to one thread. Functions that can fail return -1 or NULL and set errno.
 */
#ifndef FAR_H
#define FAR_H

#include "future.h"

#define FAR_FOREVER POOL_FOREVER

struct far;
struct far_future;

struct far_options {
    const char *server; /* "host" or "host:port"; NULL: $GEARMAN_SERVERS or localhost */
    size_t window;      /* at most so many jobs at the job server at a time; 0: 64 */
    /* All jobs without an answer are sent again when there was no answer to any for so many
     * seconds, or when one has run for so long. Must exceed what the longest task takes. 0: 30 */
    double patience;
    int tries; /* a job is sent so often for that reason; then its task is lost. 0: 3 */
};

/* Does not wait for a connection: without a job server, tasks are lost after tries * patience
 * seconds. NULL for the options: all defaults. The program ignores SIGPIPE from then on. NULL:
 * ENOMEM. */
struct far *far_open(const struct far_options *options);

/* Drop all tasks: waiting ones are removed from the job server; running ones go on, and their
 * answers are dropped. Futures that have not ended are freed; the others are still the caller's,
 * for far_free(). */
void far_close(struct far *far);

/* As future_submit(): never blocks, copies the argument. The name must live as long as the
 * future. NULL: ENOMEM, EINVAL. */
struct far_future *far_submit(struct far *far, const char *function, const void *argument,
                              size_t argument_size, size_t result_size);

/*
 * The same under an id of the program's choosing, which is copied: at most 60 bytes (longer:
 * EINVAL). While the job server has a job with the same function and id, waiting or running, it
 * does not start a second one: both wait for the first one's end. It remembers no id beyond that
 * end.
 */
struct far_future *far_submit_as(struct far *far, const char *id, const char *function,
                                 const void *argument, size_t argument_size,
                                 size_t result_size);

/* As future_result(), future_returned() and future_error(). FUTURE_LOST is also the status of
 * a task without an answer, and the message says so. */
enum future_status far_result(struct far_future *future, double timeout, void *result);
int far_returned(const struct far_future *future);
const char *far_error(const struct far_future *future);

/* The name of the machine that answered; "" if none did. */
const char *far_node(const struct far_future *future);

/* How often it was sent. */
int far_times_sent(const struct far_future *future);

/* Send and receive for so many seconds, or until another task has ended. Returns the number of
 * tasks that have not. */
size_t far_wait(struct far *far, double timeout);

/* Give the future back. If it has not ended, its answer will be dropped. */
void far_free(struct far_future *future);

#endif
