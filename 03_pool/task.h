/*
 * task.h: tasks with a handle, and batches: what chapter 4 builds futures on.
 *
 * The program makes a task, fills in its argument, and publishes it. After that it can ask for
 * the task's state, wait for its end, cancel it, or stop it. A batch hands out many tasks in the
 * order in which they end.
 *
 * What pool.h says about sizes, times, errno and ownership holds here, too.
 *
 * Timeouts: 0 does not wait; a negative one (POOL_FOREVER) or an infinite one waits without limit;
 * NaN is EINVAL. Times are measured on CLOCK_MONOTONIC. No wait fails with ETIMEDOUT before its
 * timeout is over. While a program waits for many short tasks one at a time, it may notice an end
 * up to a millisecond late: the pool saves a wake-up for each of them.
 *
 * NULL: functions that can fail report EINVAL for a NULL task or batch; task_free(NULL) and
 * batch_close(NULL) do nothing. Functions that only look at a task (task_pool(), task_state(),
 * task_ended(), task_worker_status()) must not be given NULL; any process may call them. Nor must
 * batch_size(), which is for the program, and task_margin(), which is for the program and for the
 * worker that runs the task.
 */
#ifndef TASK_H
#define TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_FOREVER (-1.0)

struct task;
struct batch;

enum task_state {
    TASK_NEW,       /* made, not yet published */
    TASK_WAITING,   /* published: waits for a worker */
    TASK_RUNNING,   /* a worker runs it */
    TASK_DONE,      /* its function returned; from here on, the task has ended */
    TASK_CANCELLED, /* cancelled before a worker took it */
    TASK_STOPPED,   /* task_stop() had its worker killed */
    TASK_EXPIRED,   /* killed because it ran longer than its limit */
    TASK_LOST,      /* its worker died running it: see task_worker_status() */
    TASK_BROKEN     /* the pool broke, or was closed, before the task ended */
};

/* A task's argument begins POOL_TASK_SIZE bytes after the task; task_argument() and task_of()
 * convert one pointer to the other. */
#define POOL_TASK_SIZE 32

static inline void *task_argument(struct task *task)
{
    return (char *)task + POOL_TASK_SIZE;
}

static inline struct task *task_of(void *argument)
{
    return (struct task *)(void *)((char *)argument - POOL_TASK_SIZE);
}

/*
 * Submit in two steps. task_new() makes a task with room for an argument of `size` bytes, which
 * the caller fills in at task_argument(); it is not zeroed. task_publish() then hands the task to
 * the workers. If task_publish() fails, the task is still TASK_NEW. Errors as for pool_submit(),
 * and EINVAL if the task was published before.
 */
struct task *task_new(struct pool *pool, task_function *function, size_t size);
int task_publish(struct task *task);

/*
 * Give the task back. The caller owns every task that task_new() returned. It may free a task at
 * any time, unless the task is in a batch or has a callback. A freed task that waits or runs is run
 * all the same. pool_close() frees what is left. -1: EPERM, EINVAL (freed already; this is noticed
 * only until the memory is used for another task).
 */
int task_free(struct task *task);

struct pool *task_pool(const struct task *task);

/* Set a time limit: after running for so many seconds, the task is killed and ends as
 * TASK_EXPIRED. To be called before task_publish(). -1: EINVAL (not above 0, NaN, or the task is
 * not new), EPERM. */
int task_limit(struct task *task, double seconds);

/* Declare that the program will read the argument only if the task is done. If the worker dies
 * while it runs the task, memory of 128 KiB or more then goes back to the system at once, not at
 * task_free(): memory may be what ran out. The task must not be NULL. To be called before
 * task_publish(). Chapter 4 does this for each future. */
void task_forget_if_lost(struct task *task);

enum task_state task_state(struct task *task);
bool task_ended(struct task *task); /* the state is TASK_DONE or one after it */

/* Wait until the task has ended, in whatever state. -1: ETIMEDOUT, EINVAL (not published, or NaN),
 * EPERM. */
int task_wait(struct task *task, double timeout);

/* Cancel a waiting task: it will not run. -1: EBUSY (it runs), EALREADY (it has ended), EINVAL (not
 * published), EPERM. */
int task_cancel(struct task *task);

/*
 * Cancel a waiting task, or have the foreman kill the worker of a running one. Does not wait for
 * the end, except up to a second if the task changed its user id; a running task ends as
 * TASK_STOPPED, never as TASK_DONE, once its worker is dead.
 *
 * -1: EALREADY (it has ended), EINVAL (not published), EPERM. EPERM also if the kernel does not let
 * the worker be killed because the task changed its user id: the task goes on, and its time limit
 * takes effect when its function returns.
 */
int task_stop(struct task *task);

/* Returns the task's margin: memory for notes about the task, valid until task_free(). *size
 * becomes its size in bytes: that of task and argument, rounded up to a power of two, 64 or more.
 * The margin begins as an empty string; the rest of it is not initialized. It costs memory only
 * once it is asked for. Chapter 6 keeps error messages there. */
char *task_margin(struct task *task, size_t *size);

/* For TASK_LOST: the wait status of the dead worker, to be taken apart by WIFSIGNALED() and the
 * like; see waitpid(2). */
int task_worker_status(const struct task *task);

/* A number that tells the program, or a worker, from the processes that it forks: in these it is 0,
 * until they open a pool themselves. A task's function that calls code it does not know compares
 * the number before and after the call: that code may have forked, and then the call returns twice,
 * once in the child. */
unsigned task_process(void);

/*
 * A batch hands out its tasks as they end, at a cost that does not grow with the number of tasks
 * that wait; of several that have ended, the one that ended first. The tasks still belong to the
 * caller. A task may be added once it is published, to one batch at a time, and may be freed once
 * the batch has handed it out or was closed. The caller owns the batch; pool_close() frees those
 * that are open, and then batch_close() must not be called.
 */
struct batch *batch_open(struct pool *pool); /* NULL: ENOMEM, EPERM, EINVAL */
void batch_close(struct batch *batch);

/* -1: ENOMEM, EPERM, EINVAL (not published, or a task of another pool). */
int batch_add(struct batch *batch, struct task *task);

size_t batch_size(const struct batch *batch); /* tasks not yet handed out */

/* The next task that has ended. NULL: ETIMEDOUT, ENOENT (the batch is empty), EINVAL (NULL, or
 * NaN), EPERM. */
struct task *batch_next(struct batch *batch, double timeout);

#ifdef __cplusplus
}
#endif

#endif
