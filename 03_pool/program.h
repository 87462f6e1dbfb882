/*
 * program.h: what a program may need beyond pool.h: threads, closing in time, waiting for room, an
 * event loop, limits on a worker's memory.
 *
 * What pool.h says about sizes, times, errno and ownership holds here, too.
 *
 * Threads. All threads of the process that opened a pool may call the functions of the pool at the
 * same time; each call is atomic with respect to the others. The program must see to four things:
 *  - When one thread has freed a handle (a task, a future, a batch), no other thread uses it.
 *  - Only one thread closes the pool. Calls that are waiting in other threads return when the task
 *    that they wait for ends; after pool_abort(), tasks that had not ended are TASK_BROKEN. When
 *    the last of these calls has returned, the pool is freed. Later calls that are given the pool
 *    (pool_submit(), future_submit(), future_map(), task_new(), batch_open(), pool_dispatch() ...)
 *    fail with EINVAL. So do completions_open() and future_wait_first(), which open a batch.
 *  - Closing the pool frees all its handles. A thread that uses a handle from one call to the next
 *    (future_reserve(), then future_publish(); one wait, then another), or that only observes the
 *    pool (pool_print() ...), while another thread may close it, holds the pool meanwhile, by
 *    pool_enter() and pool_leave().
 *  - While one thread opens a pool, no other is inside atexit(), on_exit() or at_quick_exit().
 *    These have a lock, and a process forked at that moment has a copy of it that nobody unlocks:
 *    pool_open() would not return. (It is held for nanoseconds.)
 * A thread may be cancelled by pthread_cancel(), but not inside a function that submits, waits or
 * closes a pool, nor in a callback: none of these is a cancellation point. pool_open() is one at its
 * beginning.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- End in time ---- */

enum pool_drop {
    POOL_RUN_ALL,     /* waiting tasks are still started until the time is over */
    POOL_DROP_WAITING /* waiting tasks are cancelled at once; running ones continue */
};

/*
 * Close the pool: wait for its tasks, but at most so many seconds; then kill the running tasks and
 * drop the waiting ones. A negative number of seconds waits without limit.
 *
 * Returns how many tasks did not run to their end, at most INT_MAX: those that this call dropped or
 * killed; those whose worker died meanwhile, except by task_stop(); and of the tasks to which the
 * program has no handle also those whose worker died before. -1: as pool_abort(), and EINVAL for
 * NaN: then the pool stays open.
 */
int pool_close_within(struct pool *pool, double seconds, enum pool_drop waiting);

/* ---- Room ---- */

/*
 * After pool_submit() has failed with EAGAIN: wait until there is room for another task. If several
 * threads submit, another one may take that room first; then submit and wait again. -1: ETIMEDOUT,
 * EINVAL, EPERM, EOWNERDEAD.
 */
int pool_wait_for_room(struct pool *pool, double timeout);

/* pool_submit() that waits for room. -1: as pool_submit(), EINVAL also for NaN, and ETIMEDOUT
 * instead of EAGAIN. */
int pool_submit_within(struct pool *pool, double timeout, task_function *function,
                       const void *argument, size_t size);

/* ---- An event loop ---- */

/*
 * A descriptor for poll(), epoll, libuv or GLib. It becomes readable when a task with a callback
 * has ended or the pool has broken, and stays readable until pool_dispatch() is called. It may also
 * be readable when no callback is due. It belongs to the pool: do not read from it, do not close
 * it. -1: EINVAL (the pool was opened without options.event_loop), EPERM.
 */
int pool_descriptor(struct pool *pool);

/*
 * Have callback(task, argument) called once, after the task has ended in whatever way. The callback
 * is called by pool_dispatch(), or by the function that closes the pool, in the thread that called
 * this function; never in a worker, and never by task_on_end() itself. If the program calls exit()
 * and has not closed the pool, callbacks are not called. The callback may free its task and may
 * call every function but those that close the pool. It returns; it does not leave by longjmp() or
 * a C++ exception. A task that has a callback must not be added to a batch, nor be freed before the
 * callback. -1: EINVAL (no callback, not published, or it has one already), ENOMEM, EPERM.
 */
typedef void task_callback(struct task *task, void *argument);
int task_on_end(struct task *task, task_callback *callback, void *argument);

/* Call the callbacks of all tasks that have ended, and return how many there were. Never waits. -1:
 * EPERM, EINVAL, EOWNERDEAD (the pool is broken and no callback is left: stop watching the
 * descriptor). */
int pool_dispatch(struct pool *pool);

/* ---- A worker's memory: to be called by an initializer (pool_options) ---- */

/* Let this worker allocate at most so many bytes more; beyond that, malloc() and mmap() fail with
 * ENOMEM. (It sets RLIMIT_DATA.) Memory shared with the program, such as arguments and results,
 * does not count. 0, or -1 and errno if the system refuses. */
int pool_worker_limit_memory(size_t bytes);

/* Have the kernel kill this worker before the program when the machine runs out of memory. 0, or -1
 * and errno if the system refuses. */
int pool_worker_die_first(void);

/* Replace this worker after a task if the worker then has more than so many bytes of memory of its
 * own (resident, not shared). Costs three system calls for each task. 0: never. */
void pool_worker_replace_at(size_t bytes);

/* ---- Hold a pool while another thread may close it ---- */

/* Between the two calls the pool is not freed: a pool_close() in another thread waits. So the
 * thread that closes the pool must not hold it. pool_hold() must not be called once the pool may
 * have been freed. */
void pool_hold(struct pool *pool);
void pool_release(struct pool *pool);

/* The same where another thread may have freed the pool already. pool_enter() returns 1, or 0 if
 * the process has one thread and there is nothing to hold; then it must not start another before
 * pool_leave(). -1: EINVAL (NULL, or closed), EPERM. Pass the result to pool_leave(), which does
 * nothing for 0 and -1. */
int pool_enter(struct pool *pool);
void pool_leave(struct pool *pool, int entered);

/* Submit in two steps, with the pool held from the first to the second; if the process has one
 * thread, it must not start another between them. task_begin() is task_new() with
 * task_forget_if_lost(). task_commit() is task_publish(), but frees the task if it fails. The
 * program must call it for each task that task_begin() returned, and not with NULL. Errors as for
 * task_new() and task_publish(). */
struct task *task_begin(struct pool *pool, task_function *function, size_t size);
int task_commit(struct task *task);

/* task_wait() that holds the pool. 1: the call had to wait, and the pool is held until
 * pool_release(). 0: the task had ended before the call; the pool is not held. -1: as task_wait();
 * the pool is not held. */
int task_wait_and_hold(struct task *task, double timeout);

#ifdef __cplusplus
}
#endif

#endif
