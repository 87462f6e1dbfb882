/*
 * pool.h: a pool of worker processes.
 *
 *     struct pool *pool = pool_open(4);
 *     pool_submit(pool, do_work, &task, sizeof task);
 *     pool_close(pool);
 *
 * The program submits tasks: a function and a copy of its argument. Workers, which are
 * processes forked when the pool is opened, run them in the order of submission. A task
 * that crashes takes its worker with it and nothing else; a new worker takes its place.
 *
 * Conventions. Sizes are in bytes, times in seconds. Functions that can fail return -1 or
 * NULL and set errno. A timeout of 0 looks and does not wait; a negative one
 * (POOL_FOREVER) or an infinite one waits without limit; NaN is EINVAL. Clocks are
 * monotonic, no wait ends early, and EINTR is never returned. While many short tasks wait to
 * be started, an end may be noticed up to a millisecond late: that saves a wake-up for each.
 *
 * Whose it is. A pool belongs to the process that opened it; in any other process, a
 * worker or a child of the program, every call fails with EPERM. The calls on one pool
 * and on its tasks must not overlap: a program with threads takes a lock of its own
 * around them. Any number of pools may be open at a time, also in a worker, whose own
 * they are.
 *
 * After pool_close() the pool's tasks, batches and futures are gone, as after free(). The
 * pool itself is told from an open one until the next pool is opened.
 *
 * What the program must leave to the pool: while a pool is open the program has one more
 * child, the foreman. Wait for children of your own by pid: waitpid(pid, ...).
 *
 * What the program may do all the same, and the pool works, closes, and leaves it as it is:
 * block or ignore signals, SIGCHLD too; reap the foreman with its children; close 0, 1 and 2;
 * fork, also children that outlive it (they keep no worker alive); have threads, also open
 * the pool in one that ends before the pool does. As after any fork() in a program with
 * threads, workers hold for good the locks that other threads held then, but for malloc()'s
 * and those of stdio. (With musl, also those of stdio. A worker flushes its output when it
 * ends, so there no other thread may be writing to a FILE while a pool is being opened.)
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define POOL_FOREVER     (-1.0)
#define POOL_MAX_WORKERS 4096

struct pool;
struct task;
struct batch;

/* What a task runs, in a worker. The argument is a copy, aligned as malloc() aligns, in
 * memory that the worker and the program share. Should the function fork, and the child return
 * from it, too, then the child ends there, by _exit(0). */
typedef void task_function(void *argument);

/* ---- The pool ---- */

/*
 * Open a pool of that many workers; 0 means one for each CPU this process may use.
 * Text waiting in stdio's output buffers is flushed first, so that no worker prints it
 * again. The caller owns the pool and gives it back with pool_close() or pool_abort().
 *
 * Workers are copies of the program as it is now: globals set later are not seen by them.
 * They start with default signal dispositions, also for what the program ignores (under
 * nohup, say: an initializer can ignore SIGHUP again), and no signal blocked.
 *
 * NULL: EINVAL (workers negative or above POOL_MAX_WORKERS), ENOMEM, or as fork(2).
 */
struct pool *pool_open(int workers);

struct pool_options {
    int workers;                /* as for pool_open() */
    unsigned tasks_per_worker;  /* replace a worker after so many tasks; 0: never */
    int (*initializer)(void *); /* run first in every new worker; NULL: none. If it
                                   returns other than 0, the pool is broken. */
    void *initializer_argument; /* passed as it is: read it as of pool_open_with() */
    size_t waiting;             /* most tasks that may wait; 0: 16,777,216 */
    size_t memory;              /* bytes of address space for tasks and results; it
                                   costs memory only where used. 0: 64 GiB, or less
                                   where the system refuses that */
};

struct pool *pool_open_with(const struct pool_options *options);

/*
 * Run function(copy of argument) in a worker, as soon as one is free, and forget it.
 * Never blocks and never runs the task here.
 *
 * -1: EINVAL (no pool, no function, or no argument with a size above 0), EAGAIN (too many
 * tasks wait already), ENOMEM (no room, or size too large), EPERM (not the process that
 * opened the pool), EOWNERDEAD (the pool is broken). Nothing was submitted then.
 */
int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size);

/*
 * Wait until every submitted task has ended, end the workers and give everything back:
 * processes, memory, all tasks and futures of this pool. pool_close(NULL) does nothing.
 *
 * Returns 0, or how many tasks that nobody had a handle to did not run to their end (their
 * worker died), or -1: EPERM, EINVAL (not an open pool: closed already, say), EOWNERDEAD (the
 * pool was broken, so some tasks may not have run). Except for EPERM and EINVAL, the pool
 * is gone.
 */
int pool_close(struct pool *pool);

/* The same without waiting: what waits is dropped, what runs is killed. */
int pool_abort(struct pool *pool);

/* The number of workers; the process id of worker 0, 1, ... and of the foreman, for
 * looking on (0: being replaced just now); how many tasks wait to be started. In other
 * processes, too. All are 0 if the pool is closed or null. */
int pool_workers(const struct pool *pool);
pid_t pool_worker(const struct pool *pool, int number);
pid_t pool_foreman(const struct pool *pool);
size_t pool_waiting(const struct pool *pool);

/* NULL while the pool works, else why it broke: a text that lives as long as the pool. */
const char *pool_broken(struct pool *pool);

/* Print the pool's state, one line for each worker, for people who look for a fault. */
void pool_print(const struct pool *pool, FILE *stream);

/* ---- Tasks with a handle (chapter 4 builds futures on these) ----
 *
 * A null for a task or a batch is EINVAL, or nothing to give back, to the functions that can
 * fail. Those that only look at one, task_state() or batch_size() say, need one; they may be
 * called in any process.
 */

enum task_state {
    TASK_NEW,       /* made, not yet published */
    TASK_WAITING,   /* published: waits for a worker */
    TASK_RUNNING,   /* a worker runs it */
    TASK_DONE,      /* its function returned. This state and those below are ends. */
    TASK_CANCELLED, /* task_cancel() came before a worker did */
    TASK_STOPPED,   /* task_stop() killed its worker */
    TASK_EXPIRED,   /* killed because it ran longer than its limit */
    TASK_LOST,      /* its worker died running it: see task_worker_status() */
    TASK_BROKEN     /* the pool broke before it ended */
};

/* Where a task's argument is, and back: POOL_TASK_SIZE bytes behind the task. */
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
 * uninitialized, at task_argument(); fill it, then task_publish() hands it to the
 * workers. Errors as pool_submit(). The caller owns the task and gives it back with
 * task_free(), before or after it ended (before: it runs all the same); pool_close()
 * takes the rest. After a failing task_publish() the task is still new.
 */
struct task *task_new(struct pool *pool, task_function *function, size_t size);
int task_publish(struct task *task);
struct pool *task_pool(const struct task *task);

/* Between task_new() and task_publish(): kill the task when it has run for that long.
 * -1: EINVAL (not above 0, or NaN, or the task is not new), EPERM. */
int task_limit(struct task *task, double seconds);

/* Between task_new() and task_publish(): nobody will read the argument unless the task is
 * done. If it is lost, what it wrote there is given back to the system at once: it may have
 * died because memory ran out. Chapter 4 says so of each future. */
void task_forget_if_lost(struct task *task);

enum task_state task_state(struct task *task);
bool task_ended(struct task *task);

/* Wait until the task ended. -1: ETIMEDOUT, EINVAL, EPERM. */
int task_wait(struct task *task, double timeout);

/* Take back a task that no worker has started. -1: EBUSY (it runs), EALREADY (it ended).
 */
int task_cancel(struct task *task);

/* The same, and kill the worker if it runs. Returns at once; the task ends as
 * TASK_STOPPED (or CANCELLED, or DONE if it was faster) when the worker is gone. -1:
 * EALREADY. */
int task_stop(struct task *task);

/* Memory beside the task, for a word about it: as much as the task takes itself, 64 bytes
 * at the least. It costs nothing until somebody asks for it. At first it holds an empty
 * string, behind that anything. Chapter 6 has its messages there. */
char *task_margin(struct task *task, size_t *size);

/* TASK_LOST: how the worker ended, to be read with WIFSIGNALED() and so on. */
int task_worker_status(const struct task *task);

/* TASK_RUNNING: the process that runs it, else 0. For looking on: it may end any time. */
pid_t task_worker(const struct task *task);

/* -1: EPERM, EINVAL (given back before; noticed only until the memory is used again). */
int task_free(struct task *task);

/* ---- Batches: many tasks, in the order in which they end ---- */

/*
 * A batch hands out its tasks as they end, at a constant cost for each; of those that it
 * finds at the same look, the one that ended first. The tasks stay the caller's. A task is
 * in one batch at the most, is freed only after the batch handed it out, and is published
 * before it is added.
 */
struct batch *batch_open(struct pool *pool);           /* NULL: ENOMEM, EPERM, EINVAL */
int batch_add(struct batch *batch, struct task *task); /* -1: ENOMEM, EINVAL (not
                                                          published, or of another pool),
                                                          EPERM */
size_t batch_size(const struct batch *batch);          /* tasks not yet handed out */

/* The next task that ended, or NULL: ETIMEDOUT, EINVAL, ENOENT (the batch is empty). */
struct task *batch_next(struct batch *batch, double timeout);

void batch_close(struct batch *batch);

#endif
