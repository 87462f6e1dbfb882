/*
 * pool.h: a pool of worker processes.
 *
 *     struct pool *pool = pool_open(4);
 *     pool_submit(pool, do_work, &task, sizeof task);
 *     pool_close(pool);
 *
 * The program submits tasks: a function and a copy of its argument. Worker processes, forked when
 * the pool is opened, start the tasks in the order of submission. A task that crashes ends its
 * worker and nothing else; the pool replaces the worker.
 *
 * Conventions: sizes are in bytes, times in seconds. Functions that can fail return -1 or NULL and
 * set errno, unless they say otherwise. No function fails with EINTR.
 *
 * Ownership: only the process that opened a pool may use it. In any other process (a worker, a
 * child of the program) every function except those for observation fails with EPERM. Threads of
 * the program may share a pool: see program.h. A process may open any number of pools, and so may a
 * task.
 *
 * While a pool is open, the program has one more child, the foreman, which forks the workers and
 * replaces those that die. So wait for your own children by process id: waitpid(pid, ...). Do not
 * suspend the foreman (SIGSTOP): until SIGCONT lets it go on, no worker is replaced or killed, and
 * pool_close() does not return.
 *
 * See also: pool_options.h (pool_open_with()), task.h (tasks with a handle), future.h (tasks with a
 * result), program.h (threads, event loops, closing in time), inside/FORK.md (what workers share
 * with the program).
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "pool_options.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_MAX_WORKERS 4096

struct pool;

/* A task's function; it runs in a worker. The argument is a copy, aligned as by malloc(), in
 * memory that the worker and the program share. If the function forks, and the child returns
 * from the function as well, the pool ends the child by _exit(0). */
typedef void task_function(void *argument);

/*
 * Open a pool with that many workers. 0: the number in the environment variable POOL_WORKERS. If
 * that is not from 1 to POOL_MAX_WORKERS: one worker for each processor that this process may use.
 * That is the number in its affinity mask (taskset(1)) or, if it is less, the quota of its control
 * group (cgroups(7); containers have one), rounded up. The caller owns the pool and ends it with
 * pool_close(), pool_abort() or pool_close_within().
 *
 * A worker is a copy of the program as it is now, and does not see variables that the program sets
 * later. It starts with each signal at its default and none blocked, and with a stack of its own,
 * as large as RLIMIT_STACK says, from 8 MiB to 1 GiB, or 64 MiB if that is unlimited. It keeps the
 * descriptors that are open now: a pipe that the program closes later stays open until the pool is
 * closed. Text in stdio's buffers is printed by the program, once, and not by workers.
 *
 * A task must not longjmp() out of its function: the worker would go on as if it were the program.
 * If the program's first thread opened the pool, SIGABRT ends such a worker at its next call that
 * opens, uses or closes a pool, or at the end of main(); functions for observation do not notice.
 * (read_only_frames in pool_options.h ends it at once.) A task that calls exit() ends its worker;
 * what the program registered with atexit() does not run there, and with musl the exit status reads
 * as 0. When a worker dies while it runs a task (killed, crashed, or by exit()), the processes that
 * the task has started are killed, too; those that a task leaves running when it returns go on. The
 * exception: a process that another task has started, and whose parent has ended, may be killed as
 * well if it was started after the killed task began.
 *
 * NULL: EINVAL (workers below 0 or above POOL_MAX_WORKERS), ENOMEM, EOWNERDEAD (the foreman was
 * killed), or an errno of fork(2).
 */
struct pool *pool_open(int workers);

/*
 * Have a worker run function(copy of argument) as soon as one is free. `size` is that of the
 * argument; NULL and 0 mean none. Returns 0 at once; the program gets no handle and no result. The
 * task never runs in the caller.
 *
 * -1, and nothing is submitted: EINVAL (the pool is NULL, closed or being closed; function
 * is NULL; argument is NULL and size is not 0), EAGAIN (too many tasks wait), ENOMEM, EPERM
 * (another process's pool), EOWNERDEAD (the pool is broken: see pool_broken()).
 */
int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size);

/*
 * Wait until every submitted task has ended, end the workers, and free the pool with all its tasks,
 * futures and batches. pool_close(NULL) does nothing and returns 0.
 *
 * Returns 0, or how many of the tasks to which the program has no handle (from pool_submit(), or
 * freed before their end) did not run to their end because their worker died, at most INT_MAX. -1:
 * EOWNERDEAD (the pool was broken, so some tasks may not have run; it is freed all the same), EPERM
 * (another process's pool), EINVAL (not an open pool).
 *
 * If the program leaves a pool open and calls exit() or returns from main(), it first waits for the
 * tasks, as pool_close() does. If the program ends in any other way, the workers are killed, and
 * text that they have not flushed is lost.
 */
int pool_close(struct pool *pool);

/* pool_close() without waiting: waiting tasks are dropped and running ones killed; those of them to
 * which the program has no handle count in what pool_abort() returns. EPERM also if a worker can't
 * be killed because its task changed its user id: the pool is freed all the same, and that worker
 * ends when the task returns. */
int pool_abort(struct pool *pool);

/* For observation: any process may call these six. The first four return how many workers there
 * are, how many tasks wait, the process id of the foreman, and that of worker 0, 1, ... (0 while it
 * is being replaced, and for a number that no worker has). For NULL and for a closed pool they
 * return 0, until the next pool_open(), which may use the handle again. */
int pool_workers(const struct pool *pool);
size_t pool_waiting(const struct pool *pool);
pid_t pool_foreman(const struct pool *pool);
pid_t pool_worker(const struct pool *pool, int number);

/* NULL while the pool works; else, also for NULL and for a closed pool, the reason why it does not,
 * as a constant string. */
const char *pool_broken(struct pool *pool);

/* Print a line on the pool and one for each worker. */
void pool_print(const struct pool *pool, FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
