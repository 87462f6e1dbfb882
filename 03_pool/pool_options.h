/*
 * pool_options.h: a pool that is not as pool_open() makes it. pool.h includes this header.
 *
 *     struct pool *pool = pool_open_with(&(struct pool_options){.workers = 4, .waiting = 1000});
 *
 * What pool.h says about sizes, errno and ownership holds here, too.
 */
#ifndef POOL_OPTIONS_H
#define POOL_OPTIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool;

/* A member that is 0 or NULL means what pool_open() does. */
struct pool_options {
    int workers;               /* as for pool_open() */
    unsigned tasks_per_worker; /* replace a worker after this many tasks; 0: never */
    /* Runs first in every new worker; NULL: none. If it does not return 0, the pool breaks;
     * pool_open_with() has returned the pool by then, or will return it. If it crashes or calls
     * exit(), the worker is replaced, and the pool breaks after more than 64 such deaths in a row.
     * initializer_argument is passed on as it is: what it points to is read in the worker's copy
     * of the program's memory, as of pool_open_with(). */
    int (*initializer)(void *);
    void *initializer_argument;
    size_t waiting; /* at most this many tasks wait; 0: 16,777,216 */
    /* Bytes of address space for tasks (each takes a power of two, 64 or more), for the queue and
     * for the workers' slots; as much again is reserved for error messages. Only what is used
     * takes memory. 0: 64 GiB (on 32-bit processors 128 MiB), or an eighth of RLIMIT_AS if that is
     * less. If the system refuses so much: at most 512 MiB and, where the system does not
     * overcommit, an eighth of what it can still promise; if it refuses that, too, a quarter of
     * that, and so on. An initializer may set RLIMIT_AS for the tasks' own memory: the pool adds
     * to it what it has reserved, as far as the worker may raise the limit. */
    size_t memory;
    int event_loop; /* not 0: program.h's pool_descriptor() can be used */
    /* Not 0: of the program's descriptors, foreman and workers keep 0, 1 and 2. */
    int close_descriptors;
    /* Not 0: in workers, the stack of the program's first thread is read-only, if that thread
     * opens the pool. A task that writes to a variable of main(), or returns there by longjmp(),
     * ends its worker. */
    int read_only_frames;
};

/* pool_open() with options. Errors are the same, EINVAL if options is NULL, and EMFILE, ENFILE or
 * ENOSPC with event_loop. */
struct pool *pool_open_with(const struct pool_options *options);

#ifdef __cplusplus
}
#endif

#endif
