/*
 * foreman.c: forks the workers, buries the dead, forks the next ones; kills whom it must.
 *
 * It is the workers' parent and the only one to kill them, so a pid it uses is always the
 * process it means: a dead child keeps its pid until its parent has waited for it. And it
 * was forked when the pool was opened, with one thread and little memory, so the workers
 * it forks later are as good as the first ones, whatever the program has become.
 *
 * It sleeps by a bell, as everybody here. It wakes when somebody rings: a task is to be
 * stopped, the pool to be closed; a child or its parent ended, which are signals, whose
 * handler rings; and at the next deadline of a running task.
 */
#include "foreman.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.h"
#include "worker.h"

#define MILLISECOND     INT64_C(1000000)
#define RETRY           (2 * MILLISECOND) /* after a fork() that failed, or to no avail */
#define GIVE_UP         (INT64_C(10000) * MILLISECOND) /* no worker for that long */
#define STILLBORN_LIMIT 64

struct foreman {
    struct pool *pool;
    struct shared *shared;
    int workers, alive;
    int64_t retry;               /* when to try fork() again; 0: nothing to try */
    int64_t rest;                /* fork nobody before that */
    int64_t none_since;          /* no worker has been alive since then */
    int stillborn;               /* workers in a row that died before they were ready */
    pid_t pid[POOL_MAX_WORKERS]; /* of each worker; 0: to be forked */
};

/* Sent when the program ends. */
#define PARENT_ENDED SIGUSR1

/* What the handler rings: it has no argument to find it by. */
static struct shared *mine;

static void ring(int signal)
{
    (void)signal;
    atomic_fetch_add(&mine->foreman_bell, 1);
}

static void set_disposition(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL); /* EINVAL for those that can't be set: fine */
}

/* A signal just before the foreman sleeps by its bell isn't slept through, as it changes
 * what the bell showed; a signal while it sleeps interrupts it. */
static void listen(struct shared *shared)
{
    sigset_t signals;
    mine = shared;
    for (int number = 1; number < 65; number++)
        set_disposition(number, SIG_DFL);
    set_disposition(SIGCHLD, ring);
    set_disposition(PARENT_ENDED, ring);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, PARENT_ENDED);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

void foreman_unlisten(void)
{
    set_disposition(SIGCHLD, SIG_DFL);
    set_disposition(PARENT_ENDED, SIG_DFL);
}

static bool work_left(struct shared *shared)
{
    return atomic_load(&shared->head) != atomic_load(&shared->tail);
}

static bool spawn(struct foreman *foreman, int number)
{
    struct slot *slot = &foreman->shared->slots[number];
    atomic_store(&slot->task, NULL);
    atomic_store(&slot->deadline, 0);
    atomic_store(&slot->ready, STARTING);
    pid_t pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0) {
        foreman->pool->shared->slots[number].pid = getpid();
        worker_run(foreman->pool, (unsigned)number);
    }
    foreman->pid[number] = pid;
    foreman->alive++;
    atomic_store(&slot->pid, pid);
    return true;
}

static void kill_all(struct foreman *foreman)
{
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0)
            kill(foreman->pid[i], SIGKILL);
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0)
            while (waitpid(foreman->pid[i], NULL, 0) < 0 && errno != ECHILD)
                continue;
}

static void ring_program_in_any_case(struct shared *shared)
{
    atomic_fetch_add(&shared->bell, 1);
    futex_wake(&shared->bell, 1);
}

static _Noreturn void break_pool(struct foreman *foreman, enum breakage why)
{
    kill_all(foreman);
    atomic_store(&foreman->shared->broken, (int)why);
    ring_program_in_any_case(foreman->shared);
    _exit(1);
}

/* The task a worker was running when it died; its state, as of then, in *state. */
static struct task *task_run_by(struct foreman *foreman, int number, uint64_t *state)
{
    struct task *task = atomic_load(&foreman->shared->slots[number].task);
    /* Written by a process that ran wild, maybe: look before following. */
    if (!arena_may_have(&foreman->pool->arena, task))
        return NULL;
    *state = atomic_load(&task->state);
    return state_is_run_by(*state, (unsigned)number) ? task : NULL;
}

static enum task_state end_of(uint64_t state)
{
    if ((state & STATE_STOPPING) != 0)
        return TASK_STOPPED;
    if ((state & STATE_EXPIRING) != 0)
        return TASK_EXPIRED;
    return TASK_LOST;
}

/* The worker is dead but not yet reaped, so nobody else writes here. */
static void report_loss(struct foreman *foreman, int number, int status)
{
    uint64_t state;
    struct task *task = task_run_by(foreman, number, &state);
    if (task == NULL)
        return;
    task->worker_status = (uint16_t)status;
    task->ended = clock_now();
    if (task->forget)
        arena_empty(task, task->size_class);
    /* The program may set flags meanwhile. */
    while (!atomic_compare_exchange_weak(&task->state, &state,
                                         state_to(state, end_of(state))))
        continue;
    if (foreman->pool->trace >= 0) {
        struct slot *slot = &foreman->shared->slots[number];
        trace_task(foreman->pool, (unsigned)number, foreman->pid[number],
                   state_ticket(state), atomic_load(&slot->started), clock_now(),
                   end_of(state));
    }
}

static void bury(struct foreman *foreman, int number, int status)
{
    struct shared *shared = foreman->shared;
    report_loss(foreman, number, status);
    worker_not_idle(shared, (unsigned)number);
    while (waitpid(foreman->pid[number], NULL, 0) < 0 && errno != ECHILD)
        continue;
    int ready = atomic_load(&shared->slots[number].ready);
    atomic_store(&shared->slots[number].pid, 0);
    foreman->pid[number] = 0;
    foreman->alive--;
    /* It may have been about to wake another worker, or the program, when it died. */
    if (atomic_load(&shared->closing) == OPEN || work_left(shared))
        workers_repair(shared, foreman->workers);
    ring_program_in_any_case(shared);

    foreman->stillborn = ready == READY ? 0 : foreman->stillborn + 1;
    /* Workers that die before they are ready are not forked as fast as we can. */
    if (foreman->stillborn > STILLBORN_LIMIT)
        foreman->rest = clock_now() + RETRY;
    if (ready == INITIALIZER_SAYS_NO)
        break_pool(foreman, INITIALIZER_FAILED);
    if (foreman->pool->options.initializer != NULL &&
        foreman->stillborn > STILLBORN_LIMIT + 4 * foreman->workers)
        break_pool(foreman, INITIALIZER_FAILED);
}

/* -1: none of ours, but a child that a task gave the foreman, by clone(2). */
static int number_of(const struct foreman *foreman, pid_t pid)
{
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] == pid)
            return i;
    return -1;
}

static int status_of(const siginfo_t *info)
{
    /* The layout that wait(2)'s macros know. */
    if (info->si_code == CLD_EXITED)
        return (info->si_status & 0xff) << 8;
    return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* Bury the dead, each before it is reaped (WNOWAIT): until then its pid is its own. */
static void bury_the_dead(struct foreman *foreman)
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
        int number = number_of(foreman, info.si_pid);
        if (number >= 0)
            bury(foreman, number, status_of(&info));
        else
            waitpid(info.si_pid, NULL, 0);
    }
}

/* Fork what is missing, unless the pool is closing and nothing waits. */
static void replace_the_dead(struct foreman *foreman, int64_t now)
{
    foreman->retry = 0;
    if (foreman->alive == foreman->workers)
        return;
    if (atomic_load(&foreman->shared->closing) != OPEN && !work_left(foreman->shared))
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

/* Kill workers whose task is to be stopped or has reached its deadline. Returns the next
 * deadline. */
static int64_t stop_and_expire(struct foreman *foreman, int64_t now)
{
    int64_t next = CLOCK_NEVER;
    for (int i = 0; i < foreman->workers; i++) {
        uint64_t state;
        struct task *task = task_run_by(foreman, i, &state);
        if (task == NULL)
            continue;
        /* The state was read first, and a worker resets its deadline before it finishes:
         * so this deadline is of the task in that state, or of none. */
        int64_t deadline = atomic_load(&foreman->shared->slots[i].deadline);
        if (deadline != 0 && deadline <= now && (state & STATE_DOOMED) == 0 &&
            atomic_compare_exchange_strong(&task->state, &state, state | STATE_EXPIRING))
            state |= STATE_EXPIRING;
        if ((state & STATE_DOOMED) != 0 && state_is_run_by(state, (unsigned)i) &&
            foreman->pid[i] != 0)
            kill(foreman->pid[i], SIGKILL);
        else if (deadline != 0 && deadline < next)
            next = deadline;
    }
    return next;
}

/* Announce when we look next, then look again: a worker that set an earlier deadline
 * before it saw the announcement is found now, a later one rings. */
static int64_t tend(struct foreman *foreman)
{
    int64_t next, announced;
    do {
        announced = stop_and_expire(foreman, clock_now());
        atomic_store(&foreman->shared->foreman_wakes, announced);
        atomic_thread_fence(memory_order_seq_cst);
        next = stop_and_expire(foreman, clock_now());
    } while (next < announced);
    return announced;
}

static _Noreturn void close_pool(struct foreman *foreman)
{
    atomic_store(&foreman->shared->closing, CLOSED);
    _exit(0);
}

static _Noreturn void supervise(struct foreman *foreman)
{
    for (;;) {
        uint32_t bell = atomic_load(&foreman->shared->foreman_bell);
        if (getppid() != foreman->shared->program)
            _exit(0); /* the program ended: the workers end with us */
        if (atomic_load(&foreman->shared->closing) == ABORT) {
            kill_all(foreman);
            close_pool(foreman);
        }
        bury_the_dead(foreman);
        replace_the_dead(foreman, clock_now());
        if (foreman->alive == 0 && atomic_load(&foreman->shared->closing) != OPEN &&
            !work_left(foreman->shared))
            close_pool(foreman);
        int64_t wake = tend(foreman);
        if (foreman->retry != 0 && foreman->retry < wake)
            wake = foreman->retry;
        futex_wait(&foreman->shared->foreman_bell, bell, wake);
    }
}

static _Noreturn void give_up_opening(struct foreman *foreman, int error)
{
    kill_all(foreman);
    atomic_store(&foreman->shared->opened, -error);
    ring_program_in_any_case(foreman->shared);
    _exit(1);
}

_Noreturn void foreman_run(struct pool *pool)
{
    struct foreman foreman = {
        .pool = pool, .shared = pool->shared, .workers = pool->workers};
    atomic_store(&pool->shared->foreman, getpid());
    listen(pool->shared);
    if (!signal_when_parent_ends(PARENT_ENDED, pool->shared->program))
        _exit(0);
    name_this_process("pool-foreman");
    for (int i = 0; i < pool->workers; i++)
        if (!spawn(&foreman, i))
            give_up_opening(&foreman, errno);
    atomic_store(&pool->shared->opened, 1);
    ring_program_in_any_case(pool->shared);
    supervise(&foreman);
}
