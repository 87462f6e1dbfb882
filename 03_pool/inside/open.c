/*
 * open.c: open a pool: its memory, its foreman, and then its workers.
 */
#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cancel_state.h"
#include "cpus.h"
#include "end.h"
#include "foreman.h"
#include "handle.h"
#include "linux_process.h"
#include "loop.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "queue.h"
#include "stack.h"
#include "streams.h"
#include "trace.h"
#include "wake.h"

#define DEFAULT_WAITING ((size_t)1 << 24)
#define SPIN            200

/* ---- Memory ---- */

static int make_shared(struct pool *pool)
{
    size_t slots = (size_t)pool->inherited.workers * sizeof(struct slot);
    if (arena_open(&pool->arena, pool->inherited.options.memory) != 0)
        return -1;
    pool->shared = arena_get(&pool->arena, arena_class(sizeof(struct shared) + slots));
    if (pool->shared == NULL)
        return -1;
    pool->shared->program = getpid();
    return queue_open(&pool->shared->queue, &pool->own.queue, &pool->arena,
                      pool->inherited.options.waiting);
}

static int make_loose(struct pool *pool)
{
    pool->own.loose = malloc(sizeof *pool->own.loose);
    if (pool->own.loose == NULL)
        return -1;
    order_init_loose(pool->own.loose, pool);
    return 0;
}

/* ---- Processes ---- */

/* All signals are blocked meanwhile: the program's handlers must not run in the foreman. */
static pid_t fork_foreman(struct pool *pool, struct streams streams)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        streams_in_child(streams);
        foreman_run(pool);
    }
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}

/* Wait until the foreman says that all workers exist. */
static int await_workers(struct pool *pool)
{
    for (;;) {
        uint32_t seen = bell_read(&pool->shared->bell);
        /* In this order: the foreman may say how the opening ended and then end itself. */
        bool broken = pool_is_broken(pool);
        int opening = atomic_load(&pool->shared->opening);
        if (opening > 0)
            return 0;
        if (opening < 0 || broken) {
            errno = opening < 0 ? -opening : EOWNERDEAD;
            return -1;
        }
        pool_pause(pool, seen, CLOCK_NEVER);
    }
}

/* One thread at a time: if two foremen inherited the held end of each other's tie, both would go on
 * when the program has become another one. */
static pid_t start_foreman(struct pool *pool)
{
    handle_lock_opening();
    pool->inherited.to_program = tie_make();
    struct streams streams = streams_before_fork();
    pid_t pid = fork_foreman(pool, streams);
    streams_in_parent(streams);
    tie_close(&pool->inherited.to_program.watched);
    handle_unlock_opening();
    return pid;
}

static int open_processes(struct pool *pool)
{
    pool->inherited.by_first_thread = stack_is_first();
    pid_t pid = start_foreman(pool);
    if (pid < 0)
        return -1;
    atomic_store(&pool->shared->foreman, pid);
    pool->own.pidfd = child_descriptor(pid);
    bool watched = loop_watch_foreman(pool) == 0;
    if (watched && await_workers(pool) == 0)
        return 0;
    int saved = errno;
    if (watched)
        pool_reap_foreman(pool);
    else
        pool_end_processes(pool, ABORT, CLOCK_NEVER);
    errno = saved;
    return -1;
}

/* ---- Open ---- */

/* One for each processor, or what the environment variable POOL_WORKERS says. */
static int default_workers(void)
{
    const char *wish = getenv("POOL_WORKERS");
    char *end;
    long workers = wish != NULL && *wish != '\0' ? strtol(wish, &end, 10) : 0;
    return workers > 0 && *end == '\0' && workers <= POOL_MAX_WORKERS ? (int)workers
                                                                      : cpus_allowed();
}

static void set_up(struct pool *pool, const struct pool_options *options)
{
    struct inherited *inherited = &pool->inherited;
    int cpus = cpu_count();
    int workers = options->workers != 0 ? options->workers : default_workers();
    inherited->options = *options;
    if (options->waiting == 0)
        inherited->options.waiting = DEFAULT_WAITING;
    inherited->workers = workers < POOL_MAX_WORKERS ? workers : POOL_MAX_WORKERS;
    inherited->cpus = cpus;
    inherited->spin = cpus > 1 ? SPIN : 0;
    inherited->opened_at = clock_now();
    pool->own.next_check = inherited->opened_at + CHECK_INTERVAL;
}

static struct pool *open_pool(const struct pool_options *options)
{
    struct pool *pool = handle_get();
    if (pool == NULL)
        return NULL;
    set_up(pool, options);
    if (make_shared(pool) != 0 || make_loose(pool) != 0 || loop_open(pool) != 0) {
        pool_discard(pool);
        return NULL;
    }
    trace_open(pool);
    /* Before any fork: atexit() has a lock, and a child that was forked meanwhile would find it
     * locked forever. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, drain_at_exit);
    if (open_processes(pool) != 0) {
        pool_discard(pool);
        return NULL;
    }
    handle_opened(pool);
    return pool;
}

struct pool *pool_open_with(const struct pool_options *options)
{
    stack_check();
    if (options == NULL || options->workers < 0 || options->workers > POOL_MAX_WORKERS) {
        errno = EINVAL;
        return NULL;
    }
    pthread_testcancel(); /* or the foreman would inherit the request */
    int cancel_state = cancel_state_disable();
    struct pool *pool = open_pool(options);
    cancel_state_restore(cancel_state);
    return pool;
}

struct pool *pool_open(int workers)
{
    return pool_open_with(&(struct pool_options){.workers = workers});
}
