/*
 * pool.h: a pool of worker processes.
 *
 *     struct pool *pool = pool_open(4);
 *     pool_submit(pool, do_work, &task, sizeof task);
 *     pool_close(pool);
 *
 * The program submits tasks: a function and a copy of its argument. Worker processes, forked
 * when the pool is opened, run the tasks in the order of submission. A task that crashes ends
 * its worker and nothing else; a new worker takes the worker's place.
 *
 * Conventions: sizes are in bytes, times in seconds. Functions that can fail return -1 or NULL
 * and set errno. No function returns EINTR.
 *
 * Ownership: a pool belongs to the process that opened it. In any other process, a worker or a
 * child of the program, its functions fail with EPERM. Threads of one program may share a
 * pool: program.h says how. A process may have any number of pools, and so may a task.
 *
 * While a pool is open, the program has one more child process, the foreman, which forks the
 * workers. Wait for your own children by pid: waitpid(pid, ...). If the foreman is stopped
 * (SIGSTOP), lost workers are not replaced, and stops, limits and pool_close() wait for it.
 *
 * inside/FORK.md says what workers have in common with the program, and what is kept apart.
 *
 * Next: task.h has tasks with a handle; chapter 4's future.h, tasks with a result; program.h,
 * what programs need beyond that: event loops, ends in time, room.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_MAX_WORKERS 4096

struct pool;

/* A task's function; it runs in a worker. The argument is a copy, aligned as by malloc(), in
 * memory that the worker and the program share. If the function forks and the child returns
 * from it too, the child ends there by _exit(0). */
typedef void task_function(void *argument);

/*
 * Open a pool with that many workers. 0 means one for each processor this process may use, by its
 * affinity mask or the quota of its control group (a container's), whichever is less; or as many
 * as the environment variable POOL_WORKERS says. The caller owns the pool and ends it with
 * pool_close() or pool_abort().
 *
 * Workers are copies of the program as it is now: they do not see globals set later. They start
 * with default signal dispositions, no signal blocked, and a stack of their own, as large as
 * RLIMIT_STACK says but at least 8 MiB. A task must not longjmp() out of itself. Descriptors
 * open now stay open until the pool is closed. Text in stdio's buffers is printed by the program
 * alone. A task that calls exit() ends its worker; the program's exit functions do not run there.
 * What a killed task had started is killed with it; what a task left running when its function
 * returned goes on.
 *
 * NULL: EINVAL (workers below 0 or above POOL_MAX_WORKERS), ENOMEM, or an errno of fork(2).
 */
struct pool *pool_open(int workers);

struct pool_options {
    int workers;               /* as for pool_open() */
    unsigned tasks_per_worker; /* replace a worker after this many tasks; 0: never */
    int (*initializer)(
        void *); /* runs first in every new worker; NULL: none. If it returns
                                   a number other than 0, the pool breaks. */
    void *initializer_argument; /* passed as it is; read it as of pool_open_with() */
    size_t waiting;             /* most tasks that may wait; 0: 16,777,216 */
    /* Bytes of address space for tasks with their arguments and results, rounded up to whole
     * pages; as much again is taken for messages. It costs memory only where used. Each task
     * takes a power of two, 64 or more, and the queue and the workers' places come out of it,
     * too. 0: 64 GiB, or less where a limit (RLIMIT_AS: a quarter of it in all) or the system
     * (no overcommit) refuses that. If an initializer sets RLIMIT_AS, this is added to it as far
     * as the hard limit and the worker's rights allow. */
    size_t memory;
    int event_loop;        /* not 0: program.h's pool_descriptor() can be used */
    int close_descriptors; /* not 0: foreman and workers have 0, 1 and 2 alone */
    int read_only_frames; /* not 0: a longjmp() out of a task, into the frames of the thread that
                              opens the pool, if it is the first one, ends the worker; and so does
                              writing to a variable there, as of main() */
};

struct pool *pool_open_with(const struct pool_options *options);

/*
 * Run function(copy of argument) in a worker as soon as one is free. Returns at once; the
 * program gets no handle and no result. The task never runs in the caller.
 *
 * -1, and nothing is submitted: EINVAL (no pool, no function, or no argument with a size above
 * 0), EAGAIN (too many tasks wait), ENOMEM, EPERM (another process's pool), EOWNERDEAD (the pool
 * is broken: its foreman is dead).
 */
int pool_submit(struct pool *pool, task_function *function, const void *argument,
                size_t size);

/*
 * Wait until every submitted task has ended, end the workers, and free the pool with all its
 * tasks and futures. pool_close(NULL) does nothing and returns 0. If the program leaves a pool
 * open and calls exit() or returns from main(), that waits for the tasks in the same way; if the
 * program ends otherwise, the workers are killed, and what is still in their buffers is lost.
 *
 * Returns 0, or the number of pool_submit()'s tasks that did not run to their end because their
 * worker died. -1: EOWNERDEAD (the pool was broken, so some tasks may not have run; the pool is
 * gone all the same), EPERM, EINVAL (not an open pool).
 */
int pool_close(struct pool *pool);

/* The same without waiting: waiting tasks are dropped, running ones are killed. EPERM, too, if the
 * system lets no one kill a worker: it changed its user, and ends when its task returns. */
int pool_abort(struct pool *pool);

/* For observation, in any process; all are 0 for a closed pool or NULL. */
int pool_workers(const struct pool *pool);    /* the number of workers */
size_t pool_waiting(const struct pool *pool); /* tasks that wait to be started */
pid_t pool_foreman(const struct pool *pool);  /* process ids: of the foreman, ... */
pid_t pool_worker(const struct pool *pool,
                  int number);              /* ... of worker 0, 1, ...; 0 while
                                                           it is being replaced */
const char *pool_broken(struct pool *pool); /* NULL while the pool works, else the
                                                           reason; lives as long as the pool */
void pool_print(const struct pool *pool, FILE *stream); /* a line for each worker */

#ifdef __cplusplus
}
#endif

#endif
