/*
 * program.h: what a program of your own may need beyond pool.h: threads, an event loop, an end in
 * time, waiting for room.
 *
 * Threads. Any thread of the process that opened a pool may submit to it, wait, look, cancel, stop
 * and free, all at the same time; each function is one step to the others. Two things are left to
 * the program. A handle (a task, a future, a batch) that one thread frees must not be used by
 * another. And of all threads one closes the pool. Calls that wait in other threads then return,
 * as every task ends (after pool_abort(), those that had not ended read as broken); the pool is
 * freed when the last of them has returned. Calls that are given the pool (pool_submit(),
 * future_submit(), future_reserve(), future_map(), task_new(), batch_open(), pool_dispatch() ...)
 * are refused with EINVAL, also when it has been freed.
 *
 * pool_close() frees all handles of the pool. A thread that goes on to use one, after a
 * future_reserve() or a future_submit(), between two waits, or that only looks (pool_print(), ...),
 * while another thread may close the pool, must hold it meanwhile: pool_enter() and pool_leave().
 *
 * What pool.h says about sizes, times, errno and ownership holds here, too.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- End in time ---- */

enum pool_drop {
    POOL_RUN_ALL,     /* tasks that wait are started as long as there is time */
    POOL_DROP_WAITING /* tasks that wait are cancelled; those that run may end */
};

/*
 * Close the pool: wait for its tasks, at most that many seconds, then kill what runs and drop what
 * waits. Returns how many tasks did not run to their end: those that this call dropped or killed,
 * with a handle or without, and pool_submit()'s whose worker died. -1: as pool_close().
 */
int pool_close_within(struct pool *pool, double seconds, enum pool_drop waiting);

/* ---- Room ---- */

/*
 * Wait until there is room for another task, when pool_submit() has failed with EAGAIN. With one
 * submitting thread the next submit finds the room; with several, another thread may be faster.
 * -1: ETIMEDOUT, EINVAL, EPERM, EOWNERDEAD.
 */
int pool_wait_for_room(struct pool *pool, double timeout);

/* pool_submit() that waits for room. -1: as pool_submit(), and ETIMEDOUT instead of EAGAIN. */
int pool_submit_within(struct pool *pool, double timeout, task_function *function,
                       const void *argument, size_t size);

/* ---- An event loop ---- */

/*
 * A descriptor for poll(), epoll, libuv or GLib, for a pool opened with options.event_loop. It is
 * readable from the moment when a task with a callback has ended, or the pool has broken, until
 * pool_dispatch() has run. It belongs to the pool: do not read from it, do not close it. -1: EINVAL
 * (opened without the option), EPERM.
 */
int pool_descriptor(struct pool *pool);

/*
 * Have callback(task, argument) run once when the task has ended, in whatever way. It runs in the
 * thread that calls pool_dispatch(), or that closes the pool, never in a worker and never here.
 * The callback may use every function, except that it must not close the pool; it may free its
 * task. The task is in no batch, and is not freed before its callback has run. -1: EINVAL, ENOMEM,
 * EPERM.
 */
typedef void task_callback(struct task *task, void *argument);
int task_on_end(struct task *task, task_callback *callback, void *argument);

/* Run the callbacks of all tasks that have ended. Never waits. Returns how many ran. -1: EPERM,
 * EINVAL, EOWNERDEAD (the pool is broken and all callbacks have run: take the descriptor out of
 * the loop). */
int pool_dispatch(struct pool *pool);

/* ---- A worker's memory: for an initializer (pool_options) to call ---- */

/* From now on malloc() and mmap() fail with ENOMEM in this worker when it has allocated that many
 * bytes more (RLIMIT_DATA). Memory that tasks and results share with the program does not count. -1
 * and errno: refused. */
int pool_worker_limit_memory(size_t bytes);

/* When the machine runs out of memory, the kernel kills this worker rather than the program. -1 and
 * errno: refused. */
int pool_worker_die_first(void);

/* Replace this worker after the task that leaves it with more memory of its own (resident, not
 * shared) than that many bytes. Costs two or three system calls a task. */
void pool_worker_replace_at(size_t bytes);

/* ---- Hold a pool, while another thread may close it ---- */

/* Between the two, another thread's pool_close() does not free the pool: it waits. So the
 * thread that closes the pool must not hold it. The pool must not have been freed yet. */
void pool_hold(struct pool *pool);
void pool_release(struct pool *pool);

/* The same for a thread that begins when another one may have freed the pool. Give what
 * pool_enter() returned to pool_leave(); 0 need not be given. -1: EINVAL (closed), EPERM. */
int pool_enter(struct pool *pool);
void pool_leave(struct pool *pool, int entered);

/* task_wait(), which returns 1 instead of 0 if the task had not ended at first: then the pool is
 * held. */
int task_wait_and_hold(struct task *task, double timeout);

#ifdef __cplusplus
}
#endif

#endif
