/*
 * crew.c: see crew.h.
 *
 * The foreman is the parent of the workers, and no other process of the pool kills them. A dead
 * child keeps its pid until its parent has waited for it, so a pid used here is always the
 * intended process. The foreman is a copy of the program as it was when the pool was opened, with
 * one thread. So the workers that it forks later are like the first ones, whatever the program has
 * done since.
 */
#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "signals.h"
#include "stack.h"
#include "tie.h"
#include "wake.h"
#include "worker.h"

#define GIVE_UP (INT64_C(10000) * MILLISECOND) /* no worker alive for so long */

struct foreman *the_foreman;

/* ---- Find ---- */

struct task *task_run_by(struct foreman *foreman, int number, uint64_t *word)
{
    struct task *task = atomic_load(&foreman->shared->slots[number].task);
    /* A task that writes wildly may have overwritten the pointer: check before following it. */
    if (!arena_may_have(&foreman->pool->arena, task))
        return NULL;
    *word = atomic_load(&task->word);
    return word_is_run_by(*word, (unsigned)number) ? task : NULL;
}

int crew_number_of(const struct foreman *foreman, pid_t pid)
{
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] == pid)
            return i;
    return -1;
}

/* ---- Kill ---- */

void crew_reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno != ECHILD)
        continue;
}

/* The pid leaves the slot first: once reaped, it may become another process's. */
void crew_remove(struct foreman *foreman, int number)
{
    atomic_store(&foreman->shared->slots[number].pid, 0);
    crew_reap(foreman->pid[number]);
    foreman->pid[number] = 0;
    foreman->alive--;
}

/* It ended by itself and was not reaped. A refusal to kill it means nothing then. */
static bool is_dead(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid;
}

bool crew_kill(struct foreman *foreman, int number)
{
    /* A refusal makes task_stop() or pool_abort() fail: try three times before believing it. */
    for (int tries = 0; tries < 3; tries++)
        if (kill(foreman->pid[number], SIGKILL) == 0 || is_dead(foreman->pid[number]))
            return true;
    return false;
}

/* Workers, and what any worker kept: several may be dead, and some not yet buried. */
static bool is_exempt(pid_t pid)
{
    if (crew_number_of(the_foreman, pid) >= 0)
        return true;
    for (int i = 0; i < the_foreman->workers; i++)
        if (orphans_is_kept(&the_foreman->shared->slots[i].kept, pid))
            return true;
    return false;
}

void crew_kill_orphans(struct foreman *foreman, int number)
{
    if (foreman->parent == 0)
        return; /* /proc may number the processes of another namespace */
    int64_t begun = atomic_load(&foreman->shared->slots[number].begun);
    orphans_kill(&foreman->orphans, begun, is_exempt);
}

/* Kill a worker, and what its task had started, if it died running one. */
static void end_worker(struct foreman *foreman, int number)
{
    siginfo_t info;
    uint64_t word;
    pid_t pid = foreman->pid[number];
    if (!crew_kill(foreman, number)) {
        atomic_store(&foreman->shared->cannot_kill, 1);
        return;
    }
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno != ECHILD)
        continue;
    if (task_run_by(foreman, number, &word) != NULL)
        crew_kill_orphans(foreman, number);
    crew_remove(foreman, number);
}

/* False: the worker runs no task. Else its task does not become DONE any more. */
static bool doom(struct foreman *foreman, int number)
{
    uint64_t word;
    struct task *task = task_run_by(foreman, number, &word);
    while (task != NULL && word_is_run_by(word, (unsigned)number))
        if (atomic_compare_exchange_weak(&task->word, &word, word | WORD_EXPIRING))
            return true;
    return false;
}

/* Workers that run a task first. Meanwhile each of the others is alive, so that its children are no
 * orphans, or has seen `over` and left: then it has written down which children to spare. */
void crew_kill_all(struct foreman *foreman)
{
    atomic_store(&foreman->shared->over, 1);
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0 && doom(foreman, i))
            end_worker(foreman, i);
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0)
            end_worker(foreman, i);
}

_Noreturn void break_pool(struct foreman *foreman, enum breakage why)
{
    crew_kill_all(foreman);
    atomic_store(&foreman->shared->broken, (int)why);
    program_wake_always(foreman->shared);
    _exit(1);
}

/* ---- Fork ---- */

/* Does not write to the pool's handle, as each worker would then need a copy of that page. */
static void tie_to_foreman(const struct inherited *inherited)
{
    if (inherited->to_program.watched >= 0)
        close(inherited->to_program.watched);
    tie_watch_alone(&inherited->to_foreman, the_foreman->tie, SIGKILL);
}

/* The worker's first function. It uses the foreman's stack from below the struct foreman, as if it
 * were empty. */
static void become_worker(void *slot)
{
    process_take();
    signals_unlisten();
    tie_to_foreman(&the_foreman->pool->inherited);
    worker_run(the_foreman->pool,
               (unsigned)((struct slot *)slot - the_foreman->shared->slots));
}

static bool spawn(struct foreman *foreman, int number)
{
    struct slot *slot = &foreman->shared->slots[number];
    assert(foreman->pid[number] == 0);
    atomic_store(&slot->task, NULL);
    atomic_store(&slot->deadline, 0);
    atomic_store(&slot->ready, STARTING);
    foreman->tie = tie_again(&foreman->pool->inherited.to_foreman);
    pid_t pid = fork();
    if (pid == 0) {
        atomic_store(&slot->pid, getpid());
        stack_enter(foreman, become_worker, slot);
    }
    tie_close(&foreman->tie);
    if (pid < 0)
        return false;
    foreman->pid[number] = pid;
    foreman->alive++;
    atomic_store(&slot->pid, pid);
    return true;
}

bool crew_start(struct foreman *foreman)
{
    for (int i = 0; i < foreman->workers; i++)
        if (!spawn(foreman, i))
            return false;
    return true;
}

void replace_the_dead(struct foreman *foreman, int64_t now)
{
    foreman->retry = 0;
    if (foreman->alive == foreman->workers)
        return;
    if (atomic_load(&foreman->shared->closing) != OPEN &&
        queue_is_empty(&foreman->shared->queue))
        return;
    for (int i = 0; i < foreman->workers && foreman->retry == 0; i++)
        if (foreman->pid[i] == 0 && (now < foreman->rest || !spawn(foreman, i)))
            foreman->retry = now + RETRY;
    if (foreman->alive > 0)
        foreman->none_since = 0;
    else if (foreman->none_since == 0)
        foreman->none_since = now;
    else if (now - foreman->none_since > GIVE_UP)
        break_pool(foreman, CANNOT_FORK);
}
