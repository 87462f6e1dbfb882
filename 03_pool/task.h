/*
 * task.h: tasks with a handle, and batches: what chapter 4 builds futures on.
 *
 * The program makes a task, fills in its argument, publishes it, and can then look at it, wait
 * for it, cancel it, stop it. A batch hands out tasks in the order in which they end.
 *
 * What pool.h says about sizes, times, errno and ownership holds here, too. A timeout of 0
 * looks and does not wait; a negative one (POOL_FOREVER) or an infinite one waits without limit;
 * NaN is EINVAL. Times are measured on CLOCK_MONOTONIC, and no wait ends early. While many short
 * tasks are waited for, an end may be noticed up to a millisecond late: that saves a wake-up
 * for each.
 *
 * Functions that can fail report a NULL task or batch as EINVAL; task_free(NULL) and
 * batch_close(NULL) do nothing. Functions that only look at one, such as task_state(), must not
 * be given NULL; they may be called in any process.
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
    TASK_DONE,      /* its function returned. This state and those below are ends. */
    TASK_CANCELLED, /* cancelled before a worker took it */
    TASK_STOPPED,   /* task_stop() had its worker killed */
    TASK_EXPIRED,   /* killed because it ran longer than its limit */
    TASK_LOST,      /* its worker died running it: see task_worker_status() */
    TASK_BROKEN     /* the pool broke before it ended */
};

/* The argument stands POOL_TASK_SIZE bytes behind the start of its task. */
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
 * Submit in two steps. task_new() makes a task with room for an argument of that size,
 * uninitialized, at task_argument(). Fill it; then task_publish() hands the task to the workers.
 * Errors as for pool_submit().
 *
 * The caller owns the task and gives it back with task_free(), before or after it ended: a
 * waiting or running task runs all the same. pool_close() frees the rest. After task_publish()
 * has failed, the task is still TASK_NEW.
 */
struct task *task_new(struct pool *pool, task_function *function, size_t size);
int task_publish(struct task *task);
int task_free(
    struct task *task); /* -1: EPERM, EINVAL (freed before; noticed only until the
                                     memory is used again) */
struct pool *task_pool(const struct task *task);

/* Between task_new() and task_publish(): kill the task when it has run for that many seconds.
 * -1: EINVAL (not above 0, NaN, or the task is not new), EPERM. */
int task_limit(struct task *task, double seconds);

/* Between task_new() and task_publish(): the program will not read the argument unless the task
 * is done. If the task is lost, the memory it wrote there goes back to the system at once: the
 * task may have died because memory ran out. Chapter 4 does this for each future. */
void task_forget_if_lost(struct task *task);

enum task_state task_state(struct task *task);
bool task_ended(struct task *task);

/* Wait until the task has ended. -1: ETIMEDOUT, EINVAL, EPERM. */
int task_wait(struct task *task, double timeout);

/* Take back a waiting task. -1: EBUSY (it runs), EALREADY (it ended), EINVAL, EPERM. */
int task_cancel(struct task *task);

/* Take back a waiting task, or have the worker of a running one killed. Returns at once; the
 * task ends as TASK_STOPPED when the worker is dead (or as CANCELLED, or DONE if it was faster).
 * -1: EALREADY, EINVAL, EPERM (also if the system does not let the worker be killed, because the
 * task changed its user: it goes on, and a limit takes effect when its function returns). */
int task_stop(struct task *task);

/* The task's margin: memory for notes about it, as large as the task itself and at least 64
 * bytes, *size in all. It costs nothing until it is asked for. It begins with an empty string;
 * the rest is uninitialized. Chapter 6 keeps its messages there. */
char *task_margin(struct task *task, size_t *size);

/* TASK_LOST: how the worker ended, for WIFSIGNALED() and so on. */
int task_worker_status(const struct task *task);

/* A number that differs between a process and its children. A function that runs another one's
 * code compares it before and after: that code may have forked, and the child come back, too. */
unsigned task_process(void);

/*
 * A batch hands out its tasks as they end, at a constant cost for each. Of those that it finds
 * at the same look, the task that ended first comes first. The tasks remain the caller's. A task
 * is published before it is added, is in one batch at most, and is freed only after the batch
 * has handed it out.
 */
struct batch *batch_open(struct pool *pool);           /* NULL: ENOMEM, EPERM, EINVAL */
int batch_add(struct batch *batch, struct task *task); /* -1: ENOMEM, EPERM, EINVAL (not
                                                          published, or of another pool) */
size_t batch_size(const struct batch *batch);          /* tasks not yet handed out */
void batch_close(struct batch *batch);

/* The next task that has ended. NULL: ETIMEDOUT, ENOENT (the batch is empty), EINVAL, EPERM. */
struct task *batch_next(struct batch *batch, double timeout);

#ifdef __cplusplus
}
#endif

#endif
