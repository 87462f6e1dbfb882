/*
 * foreman.c: the foreman's life, from the fork to the end of the pool.
 *
 * Its workers, which it forks and kills, are in crew.c; what it does for a dead one is in
 * burial.c; tasks that it stops are in deadlines.c.
 *
 * Like every process of the pool, it sleeps on a futex, its bell (wake.h). It wakes
 *  - when another process rings: a task is to be stopped, a worker has set an early deadline, the
 *    event loop is to be signalled, or the pool is to be closed;
 *  - when a child ends, stops or goes on, or the program ends: the kernel sends a signal, and its
 *    handler changes the bell;
 *  - at its alarm: the next deadline of a running task, or the next attempt to fork().
 */
#include "foreman.h"

#include <errno.h>
#include <unistd.h>

#include "burial.h"
#include "deadlines.h"
#include "linux_descriptor.h"
#include "linux_proc.h"
#include "linux_process.h"
#include "monotonic.h"
#include "process.h"
#include "signals.h"
#include "stack.h"
#include "tie.h"
#include "wake.h"
#include "worker.h"

/* Count the tasks that were running when the pool was ended. */
static void count_killed(struct foreman *foreman)
{
    uint64_t word;
    for (int i = 0; i < foreman->workers; i++)
        if (task_run_by(foreman, i, &word) != NULL)
            atomic_fetch_add(&foreman->shared->killed, 1);
}

static void signal_event_loop(struct foreman *foreman)
{
    int event = foreman->pool->inherited.event;
    if (atomic_exchange(&foreman->shared->loop_due, false) && event >= 0)
        event_signal(event);
}

static _Noreturn void close_pool(struct foreman *foreman)
{
    atomic_store(&foreman->shared->closing, CLOSED);
    program_wake_always(foreman->shared);
    _exit(0);
}

/* Has the program ended? getppid() can't tell if the parent is in another namespace. If the tie is
 * cut and the parent lives, the process runs another program (exec), or has closed the descriptor;
 * in the second case it still maps the arena, and the program has not ended. */
static bool program_ended(struct foreman *foreman)
{
    struct inherited *inherited = &foreman->pool->inherited;
    if (foreman->parent != 0 && getppid() != foreman->parent)
        return true;
    if (!signals_parent_ended())
        return false;
    if (!tie_is_cut(&inherited->to_program))
        return foreman->parent == 0 && inherited->to_program.watched < 0;
    tie_close(&inherited->to_program.watched);
    return foreman->parent == 0 ||
           process_has_mapping(foreman->parent, foreman->pool->arena.base) == 0;
}

static _Noreturn void supervise(struct foreman *foreman)
{
    struct shared *shared = foreman->shared;
    for (;;) {
        uint32_t bell = bell_read(&shared->foreman_bell);
        if (program_ended(foreman)) {
            crew_kill_all(foreman);
            _exit(0);
        }
        signal_event_loop(foreman);
        if (atomic_load(&shared->closing) == ABORT) {
            crew_kill_all(foreman);
            count_killed(foreman);
            close_pool(foreman);
        }
        bury_the_dead(foreman);
        look_for_stopped(foreman);
        replace_the_dead(foreman, clock_now());
        if (foreman->alive == 0 && atomic_load(&shared->closing) != OPEN &&
            queue_is_empty(&shared->queue))
            close_pool(foreman);
        int64_t alarm = tend_deadlines(foreman);
        if (foreman->retry != 0 && foreman->retry < alarm)
            alarm = foreman->retry;
        bell_wait(&shared->foreman_bell, bell, alarm);
    }
}

static _Noreturn void give_up_opening(struct shared *shared, int error)
{
    atomic_store(&shared->opening, -error);
    bell_ring_all(&shared->bell);
    _exit(1);
}

static void close_descriptors(struct inherited *inherited)
{
    int kept[] = {inherited->trace, inherited->event, inherited->to_program.watched,
                  inherited->to_foreman.watched, inherited->to_foreman.held};
    if (inherited->options.close_descriptors)
        close_all_but(kept, sizeof kept / sizeof kept[0]);
}

static void become_foreman(void *argument)
{
    struct foreman *foreman = argument;
    struct shared *shared = foreman->shared;
    struct inherited *inherited = &foreman->pool->inherited;
    if (inherited->options.read_only_frames && inherited->by_first_thread)
        stack_seal();
    process_reserve();
    inherited->foreman = getpid();
    inherited->to_foreman = tie_make();
    signals_reset();
    tie_watch(&inherited->to_program, PARENT_ENDED);
    /* After unshare(CLONE_NEWPID) the foreman sees no parent: 0. */
    foreman->parent = getppid() != 0 ? shared->program : 0;
    if (foreman->parent != 0)
        atomic_store(&shared->foreman, getpid()); /* the program stores it later */
    if (!signal_when_parent_ends(PARENT_ENDED, foreman->parent))
        _exit(0);
    name_this_process("pool-foreman");
    orphans_adopt(&foreman->orphans);
    close_descriptors(inherited);
    call_first_at_exit(
        worker_leave); /* in the workers; the foreman does not call exit() */
    if (!crew_start(foreman)) {
        int error = errno;
        crew_kill_all(foreman);
        give_up_opening(shared, error);
    }
    signals_listen(shared);
    atomic_store(&shared->opening, 1);
    bell_ring_all(&shared->bell);
    supervise(foreman);
}

/* The memory is new, so what is not written is zero. */
static struct foreman *foreman_below(char *end, struct pool *pool)
{
    int workers = pool->inherited.workers;
    size_t size = sizeof(struct foreman) + (size_t)workers * sizeof(pid_t);
    struct foreman *foreman = (void *)(end - (size + 15) / 16 * 16); /* as a stack */
    foreman->pool = pool;
    foreman->shared = pool->shared;
    foreman->workers = workers;
    return foreman;
}

_Noreturn void foreman_run(struct pool *pool)
{
    void *end = stack_new();
    if (end == NULL)
        give_up_opening(pool->shared, ENOMEM);
    if (pool->inherited.by_first_thread) {
        stack_leave(__builtin_frame_address(0));
        if (pool->inherited.options.read_only_frames)
            stack_copy_environment(&end);
    }
    the_foreman = foreman_below(end, pool);
    stack_enter(the_foreman, become_foreman, the_foreman);
}
