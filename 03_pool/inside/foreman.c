/*
 * foreman.c: fork the workers; report the task of a dead one as lost and fork the next; kill the
 * worker of a task that is to be stopped.
 *
 * The foreman is the workers' parent and the only process to kill them. A dead child keeps its
 * pid until its parent has waited for it, so a pid used here is always the intended process. The
 * foreman was forked when the pool was opened, with one thread and little memory, so the workers
 * it forks later are like the first ones, whatever has become of the program.
 *
 * Like every process of the pool, it sleeps on a futex, its bell (wake.h). It wakes when the
 * bell rings, because a task is to be stopped or the pool to be closed; when a child or the
 * program ends, which are signals whose handler rings the bell; and at its alarm, the next
 * deadline of a running task.
 */
#include "foreman.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orphans.h"
#include "stack.h"
#include "trace.h"
#include "wake.h"
#include "worker.h"

#define MILLISECOND     INT64_C(1000000)
#define RETRY           (2 * MILLISECOND)              /* between attempts to fork() */
#define GIVE_UP         (INT64_C(10000) * MILLISECOND) /* no worker alive for so long */
#define STILLBORN_LIMIT 64

struct foreman {
    struct pool *pool;
    struct shared *shared;
    void *
        stack; /* the end of the stack that this process is on, and each worker will be */
    const void *caller; /* a frame on the stack of the thread that opened the pool */
    int workers, alive;
    pid_t parent;       /* 0: in another namespace of process ids */
    int64_t retry;      /* when to try fork() again; 0: nothing to try */
    int64_t rest;       /* do not fork before that */
    int64_t none_since; /* no worker has been alive since then; 0: some are */
    int stillborn;      /* workers in a row that died before they were ready */
    struct orphans orphans;
    pid_t pid[POOL_MAX_WORKERS]; /* of each worker; 0: to be forked */
};

/* Not on the stack: workers use it anew. */
static struct foreman the_foreman;

/* ---- Signals ---- */

#define PARENT_ENDED SIGUSR1 /* sent by the kernel when the program ends */

/* The foreman's bell: a signal handler has no argument to find it by. */
static _Atomic uint32_t *handlers_bell;
static volatile sig_atomic_t parent_ended; /* or another process sent that signal */

/* No wake-up is needed: a signal interrupts the sleep, and one just before the sleep has changed
 * the bell. */
static void on_signal(int signal)
{
    if (signal == PARENT_ENDED)
        parent_ended = 1;
    atomic_fetch_add(handlers_bell, 1);
}

static void set_disposition(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL); /* EINVAL for those that can't be set: fine */
}

static void listen(struct shared *shared)
{
    sigset_t signals;
    handlers_bell = &shared->foreman_bell;
    for (int number = 1; number < 65; number++)
        set_disposition(number, SIG_DFL);
    set_disposition(SIGCHLD, on_signal);
    set_disposition(PARENT_ENDED, on_signal);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, PARENT_ENDED);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

/* In a worker: it has none of the foreman's handlers. */
static void unlisten(void)
{
    set_disposition(SIGCHLD, SIG_DFL);
    set_disposition(PARENT_ENDED, SIG_DFL);
}

/* ---- Fork and kill ---- */

/* The worker's first function, on the foreman's stack as if that were empty. */
static void become_worker(void *slot)
{
    unlisten();
    worker_run(the_foreman.pool,
               (unsigned)((struct slot *)slot - the_foreman.shared->slots));
}

static bool spawn(struct foreman *foreman, int number)
{
    struct slot *slot = &foreman->shared->slots[number];
    assert(foreman->pid[number] == 0);
    atomic_store(&slot->task, NULL);
    atomic_store(&slot->deadline, 0);
    atomic_store(&slot->ready, STARTING);
    pid_t pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0) {
        atomic_store(&slot->pid, getpid());
        stack_enter(foreman->stack, become_worker, slot);
    }
    foreman->pid[number] = pid;
    foreman->alive++;
    atomic_store(&slot->pid, pid);
    return true;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno != ECHILD)
        continue;
}

/* False: the worker changed its user, and the kernel does not let this process signal it. */
static bool kill_worker(struct foreman *foreman, int number)
{
    if (kill(foreman->pid[number], SIGKILL) == 0)
        return true;
    atomic_store(&foreman->shared->cannot_kill, 1);
    return false;
}

/* ---- The dead ---- */

/* The task that the worker runs, or ran when it died; its word in *word. NULL: none. */
static struct task *task_run_by(struct foreman *foreman, int number, uint64_t *word)
{
    struct task *task = atomic_load(&foreman->shared->slots[number].task);
    /* A task that writes wildly may have overwritten the pointer: check before following it. */
    if (!arena_may_have(&foreman->pool->arena, task))
        return NULL;
    *word = atomic_load(&task->word);
    return word_is_run_by(*word, (unsigned)number) ? task : NULL;
}

/* -1: not a worker, but what a task has started and what lost its parent. */
static int number_of(const struct foreman *foreman, pid_t pid)
{
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] == pid)
            return i;
    return -1;
}

static bool is_worker(pid_t pid)
{
    return number_of(&the_foreman, pid) >= 0;
}

/* What the killed task had started ends with it. */
static void kill_orphans(struct foreman *foreman, int number)
{
    struct slot *slot = &foreman->shared->slots[number];
    if (foreman->parent == 0)
        return; /* /proc may number the processes of another namespace */
    orphans_spare_kept(&foreman->orphans, &slot->kept);
    orphans_kill(&foreman->orphans, atomic_load(&slot->begun), is_worker);
}

/* One worker after the other, so that each one's orphans are known to be its. */
static void kill_busy(struct foreman *foreman)
{
    siginfo_t info;
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0 && kill_worker(foreman, i)) {
            while (waitid(P_PID, (id_t)foreman->pid[i], &info, WEXITED | WNOWAIT) != 0 &&
                   errno != ECHILD)
                continue;
            kill_orphans(foreman, i);
            reap(foreman->pid[i]);
        }
}

/* The idle ones first. A worker that can't be killed ends when its task returns, and is not
 * waited for. */
static void kill_all(struct foreman *foreman)
{
    uint64_t word;
    atomic_store(&foreman->shared->over, 1);
    for (int i = 0; i < foreman->workers; i++)
        if (foreman->pid[i] != 0 && task_run_by(foreman, i, &word) == NULL &&
            kill_worker(foreman, i)) {
            orphans_spare_kept(&foreman->orphans, &foreman->shared->slots[i].kept);
            reap(foreman->pid[i]);
            foreman->pid[i] = 0;
        }
    kill_busy(foreman);
}

static _Noreturn void break_pool(struct foreman *foreman, enum breakage why)
{
    kill_all(foreman);
    atomic_store(&foreman->shared->broken, (int)why);
    program_wake_always(foreman->shared);
    _exit(1);
}

static enum task_state end_of_killed(uint64_t word)
{
    if ((word & WORD_STOPPING) != 0)
        return TASK_STOPPED;
    if ((word & WORD_EXPIRING) != 0)
        return TASK_EXPIRED;
    return TASK_LOST;
}

/* The worker is dead and not yet reaped, so no other process writes here. */
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
    /* The program may set flags meanwhile. */
    while (!atomic_compare_exchange_weak(&task->word, &word,
                                         word_to(word, end_of_killed(word))))
        continue;
    if (foreman->pool->inherited.trace >= 0) {
        struct slot *slot = &foreman->shared->slots[number];
        trace_task(foreman->pool, (unsigned)number, foreman->pid[number],
                   word_ticket(word), atomic_load(&slot->started), clock_now(),
                   end_of_killed(word));
    }
}

/* Workers that die before they are ready: fork more slowly, and in the end give up. */
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
        kill_orphans(foreman, number);
    else if (atomic_load(&shared->closing) == OPEN)
        orphans_spare(&foreman->orphans, is_worker);
    report_loss(foreman, number, status);
    atomic_store(&shared->slots[number].kept.count, 0);
    worker_not_idle(shared, (unsigned)number);
    reap(foreman->pid[number]);
    int ready = atomic_load(&shared->slots[number].ready);
    atomic_store(&shared->slots[number].pid, 0);
    foreman->pid[number] = 0;
    foreman->alive--;
    /* The worker may have died when it was about to wake another, or the program. */
    if (atomic_load(&shared->closing) == OPEN || !queue_is_empty(&shared->queue))
        workers_repair(shared, foreman->workers);
    program_wake_always(shared);
    count_stillborn(foreman, ready);
}

/* In the layout that wait(2)'s macros know. */
static int status_of(const siginfo_t *info)
{
    if (info->si_code == CLD_EXITED)
        return (info->si_status & 0xff) << 8;
    return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* Each dead worker is buried before it is reaped (WNOWAIT): until then its pid is its own. */
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
            reap(info.si_pid);
    }
}

/* A worker that is stopped is not idle: none must count on its waking. When it goes on, its bell
 * makes it look for tasks, or say again that it is idle. */
static void look_for_stopped(struct foreman *foreman)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG) != 0 ||
            info.si_pid == 0)
            return;
        int number = number_of(foreman, info.si_pid);
        if (number < 0)
            continue;
        if (info.si_code == CLD_CONTINUED) {
            bell_ring(&foreman->shared->slots[number].bell);
        } else {
            worker_not_idle(foreman->shared, (unsigned)number);
            workers_repair(foreman->shared, foreman->workers);
        }
    }
}

/* Fork the missing workers, unless the pool is closing and no task waits. */
static void replace_the_dead(struct foreman *foreman, int64_t now)
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

/* ---- Stops and deadlines ---- */

/* If the worker can't be killed, the task goes on: task_stop() finds its flag taken back. (The flag
 * of a deadline stays: the worker ends itself when the function returns.) */
static void kill_doomed(struct foreman *foreman, int number, struct task *task,
                        uint64_t word)
{
    if (kill_worker(foreman, number))
        return;
    while (word_is_run_by(word, (unsigned)number) && (word & WORD_STOPPING) != 0)
        if (atomic_compare_exchange_weak(&task->word, &word, word & ~WORD_STOPPING))
            break;
    program_wake_always(foreman->shared);
}

/* Kill the workers whose task is to be stopped or has reached its deadline. Returns the next
 * deadline. */
static int64_t stop_and_expire(struct foreman *foreman, int64_t now)
{
    int64_t next = CLOCK_NEVER;
    for (int i = 0; i < foreman->workers; i++) {
        uint64_t word;
        struct task *task = task_run_by(foreman, i, &word);
        if (task == NULL)
            continue;
        /* The word was read first, and a worker resets its deadline before it finishes a task:
         * so this deadline belongs to the task in that word, or to none. */
        int64_t deadline = atomic_load(&foreman->shared->slots[i].deadline);
        if (deadline != 0 && deadline <= now && (word & WORD_DOOMED) == 0 &&
            atomic_compare_exchange_strong(&task->word, &word, word | WORD_EXPIRING))
            word |= WORD_EXPIRING;
        if ((word & WORD_DOOMED) != 0 && word_is_run_by(word, (unsigned)i) &&
            foreman->pid[i] != 0)
            kill_doomed(foreman, i, task, word);
        else if (deadline != 0 && deadline < next)
            next = deadline;
    }
    return next;
}

/* Set the alarm, then look again: a worker that set an earlier deadline before it saw the alarm
 * is found now; a later one rings the bell. */
static int64_t tend(struct foreman *foreman)
{
    int64_t next, alarm;
    do {
        alarm = stop_and_expire(foreman, clock_now());
        atomic_store(&foreman->shared->foreman_alarm, alarm);
        atomic_thread_fence(memory_order_seq_cst);
        next = stop_and_expire(foreman, clock_now());
    } while (next < alarm);
    return alarm;
}

/* ---- Its life ---- */

/* The pool is ended with tasks running. */
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

/* getppid() can't tell when the parent is in another namespace. When the tie is cut, the process goes
 * on with another program (exec), or it has closed the descriptor: if it still maps the arena, it
 * is the program. */
static bool program_ended(struct foreman *foreman)
{
    struct inherited *inherited = &foreman->pool->inherited;
    if (foreman->parent != 0 && getppid() != foreman->parent)
        return true;
    if (!parent_ended) /* there was no signal */
        return false;
    parent_ended = 0;
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
            kill_all(foreman);
            _exit(0);
        }
        signal_event_loop(foreman);
        if (atomic_load(&shared->closing) == ABORT) {
            kill_all(foreman);
            count_killed(foreman);
            close_pool(foreman);
        }
        bury_the_dead(foreman);
        look_for_stopped(foreman);
        replace_the_dead(foreman, clock_now());
        if (foreman->alive == 0 && atomic_load(&shared->closing) != OPEN &&
            queue_is_empty(&shared->queue))
            close_pool(foreman);
        int64_t alarm = tend(foreman);
        if (foreman->retry != 0 && foreman->retry < alarm)
            alarm = foreman->retry;
        bell_wait(&shared->foreman_bell, bell, alarm);
    }
}

static _Noreturn void give_up_opening(struct foreman *foreman, int error)
{
    kill_all(foreman);
    atomic_store(&foreman->shared->opening, -error);
    bell_ring_all(&foreman->shared->bell);
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
    if (foreman->caller != NULL)
        stack_seal(foreman->caller);
    inherited->foreman = getpid();
    inherited->to_foreman = tie_make();
    listen(shared);
    tie_watch(&inherited->to_program, PARENT_ENDED);
    /* After unshare(CLONE_NEWPID) the foreman sees no parent: 0. */
    foreman->parent = getppid() != 0 ? shared->program : 0;
    if (foreman->parent != 0)
        atomic_store(&shared->foreman, getpid()); /* the program may not be so far yet */
    if (!signal_when_parent_ends(PARENT_ENDED, foreman->parent))
        _exit(0);
    name_this_process("pool-foreman");
    orphans_adopt(&foreman->orphans);
    close_descriptors(inherited);
    call_first_at_exit(
        worker_leave); /* in the workers; the foreman does not call exit() */
    for (int i = 0; i < foreman->workers; i++)
        if (!spawn(foreman, i))
            give_up_opening(foreman, errno);
    atomic_store(&shared->opening, 1);
    bell_ring_all(&shared->bell);
    supervise(foreman);
}

_Noreturn void foreman_run(struct pool *pool)
{
    struct foreman *foreman = &the_foreman;
    /* In a pool that a task opened, it is the one of the task's own foreman. */
    memset(foreman, 0, sizeof *foreman);
    foreman->pool = pool;
    foreman->shared = pool->shared;
    foreman->workers = pool->inherited.workers;
    foreman->stack = stack_new();
    if (foreman->stack == NULL)
        give_up_opening(foreman, ENOMEM);
    if (pool->inherited.by_first_thread) {
        stack_copy_environment(&foreman->stack);
        foreman->caller = __builtin_frame_address(0);
    }
    stack_enter(foreman->stack, become_foreman, foreman);
}
