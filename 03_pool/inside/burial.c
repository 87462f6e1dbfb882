/*
 * burial.c: see burial.h.
 */
#include "burial.h"

#include <errno.h>
#include <sys/wait.h>

#include "monotonic.h"
#include "trace.h"
#include "wake.h"

#define STILLBORN_LIMIT 64

static enum task_state end_of_killed(uint64_t word)
{
    if ((word & WORD_STOPPING) != 0)
        return TASK_STOPPED;
    if ((word & WORD_EXPIRING) != 0)
        return TASK_EXPIRED;
    return TASK_LOST;
}

/* The worker is dead and not yet reaped, so only the foreman writes worker_status and `ended` of
 * the task. */
static void report_loss(struct foreman *foreman, int number, int status)
{
    uint64_t word;
    struct task *task = task_run_by(foreman, number, &word);
    if (task == NULL)
        return;
    task->worker_status = (uint16_t)status;
    task->ended = clock_stamp();
    if (task->forget)
        arena_empty(task, task->size_class);
    /* Count first: if the program sees this end and then begins to close the pool, the loss was
     * before. The program may set flags meanwhile; then the count may be taken back. */
    unsigned counted = 0;
    do {
        unsigned counts = (word & WORD_LOOSE) == 0 && end_of_killed(word) != TASK_STOPPED;
        atomic_fetch_add(&foreman->shared->lost, counts - counted);
        counted = counts;
    } while (!atomic_compare_exchange_weak(&task->word, &word,
                                           word_to(word, end_of_killed(word))));
    if (foreman->pool->inherited.trace >= 0) {
        struct slot *slot = &foreman->shared->slots[number];
        trace_task(foreman->pool, (unsigned)number, foreman->pid[number],
                   word_ticket(word), atomic_load(&slot->started), clock_now(),
                   end_of_killed(word));
    }
}

/* Workers that die before they are ready: fork more slowly, and in the end, if there is an
 * initializer, give up. */
static void count_stillborn(struct foreman *foreman, int ready)
{
    foreman->stillborn = ready == READY ? 0 : foreman->stillborn + 1;
    if (foreman->stillborn > STILLBORN_LIMIT)
        foreman->rest = clock_now() + RETRY;
    if (ready == INITIALIZER_FAILED_HERE)
        break_pool(foreman, INITIALIZER_FAILED);
    if (foreman->pool->inherited.options.initializer != NULL &&
        foreman->stillborn > STILLBORN_LIMIT + 4 * foreman->workers)
        break_pool(foreman, INITIALIZER_FAILED);
}

static void bury(struct foreman *foreman, int number, int status)
{
    struct shared *shared = foreman->shared;
    uint64_t word;
    if (task_run_by(foreman, number, &word) != NULL)
        crew_kill_orphans(foreman, number);
    orphans_spare_kept(&foreman->orphans, &shared->slots[number].kept);
    report_loss(foreman, number, status);
    atomic_store(&shared->slots[number].kept.count, 0);
    worker_not_idle(shared, (unsigned)number);
    int ready = atomic_load(&shared->slots[number].ready);
    crew_remove(foreman, number);
    /* The worker may have died when it was about to wake another, or the program. */
    if (atomic_load(&shared->closing) == OPEN || !queue_is_empty(&shared->queue))
        workers_repair(shared, foreman->workers);
    program_wake_always(shared);
    count_stillborn(foreman, ready);
}

/* As a wait status, for the macros of wait(2). */
static int status_of(const siginfo_t *info)
{
    if (info->si_code == CLD_EXITED)
        return (info->si_status & 0xff) << 8;
    return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* WNOWAIT: bury() reaps a dead worker after reporting its task; until then no other process can get
 * its pid. */
void bury_the_dead(struct foreman *foreman)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
            if (errno == ECHILD)
                return;
            continue;
        }
        if (info.si_pid == 0)
            return;
        int number = crew_number_of(foreman, info.si_pid);
        if (number >= 0)
            bury(foreman, number, status_of(&info));
        else
            crew_reap(info.si_pid);
    }
}

/* A worker that is stopped is not idle: no process may rely on it to wake, and it may have been
 * about to wake the program. When it goes on, its bell makes it look for tasks, or say again that
 * it is idle. */
void look_for_stopped(struct foreman *foreman)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG) != 0 ||
            info.si_pid == 0)
            return;
        int number = crew_number_of(foreman, info.si_pid);
        if (number < 0)
            continue;
        if (info.si_code == CLD_CONTINUED) {
            bell_ring(&foreman->shared->slots[number].bell);
        } else {
            worker_not_idle(foreman->shared, (unsigned)number);
            workers_repair(foreman->shared, foreman->workers);
            program_wake_always(foreman->shared);
        }
    }
}
