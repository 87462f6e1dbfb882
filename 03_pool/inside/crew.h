/*
 * crew.h: the foreman and its children, the workers: fork, find and kill them. For the files of
 * the foreman alone.
 */
#ifndef CREW_H
#define CREW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "orphans.h"
#include "shared.h"

#define MILLISECOND INT64_C(1000000)
#define RETRY       (2 * MILLISECOND) /* between attempts to fork() */

/* It lies at the end of the foreman's stack, just above the first frame. After each fork(), the
 * kernel copies each page that the foreman writes to, and so that is one page. */
struct foreman {
    struct pool *pool;
    struct shared *shared;
    int workers, alive;
    pid_t parent;       /* 0: in another namespace of process ids */
    int64_t retry;      /* when to try fork() again; 0: nothing to try */
    int64_t rest;       /* do not fork before that */
    int64_t none_since; /* no worker has been alive since then; 0: some are */
    int stillborn;      /* workers in a row that died before they were ready */
    int tie;            /* the next worker's, see tie_again(); -1: none */
    struct orphans orphans;
    pid_t pid[]; /* of each worker; 0: to be forked */
};

/* The foreman of this process, or this worker's foreman as it was at the fork. */
extern struct foreman *the_foreman;

/* Fork all workers. False and errno: the system refused one. */
bool crew_start(struct foreman *foreman);

/* Fork the missing workers, unless the pool is closing and no task waits. */
void replace_the_dead(struct foreman *foreman, int64_t now);

/* The number of the worker with that pid. -1: it is no worker but an orphan that a task started. */
int crew_number_of(const struct foreman *foreman, pid_t pid);

/* The task that the worker runs, or ran when it died; its word in *word. NULL: none. */
struct task *task_run_by(struct foreman *foreman, int number, uint64_t *word);

/* False: the worker changed its user, and the kernel does not let this process signal it. */
bool crew_kill(struct foreman *foreman, int number);

/* Kill the processes that the killed task of a dead worker had started. */
void crew_kill_orphans(struct foreman *foreman, int number);

/* Kill all workers. One that can't be killed ends when its task returns; do not wait for it. */
void crew_kill_all(struct foreman *foreman);

/* Reap a dead child. From then on its pid may belong to another process. */
void crew_reap(pid_t pid);

/* Reap a dead worker, and empty its slot. */
void crew_remove(struct foreman *foreman, int number);

/* Kill all workers, tell the program why, and exit. */
_Noreturn void break_pool(struct foreman *foreman, enum breakage why);

#endif
