/*
 * worker.c: take a task, run it, finish it; sleep when there is none.
 *
 * A worker that is killed, at any instruction, leaves the pool in order. Before it takes a task
 * it writes down which one (slot->task), so that the foreman knows where to look; the task's
 * word says whether the worker had taken it, and whether it had finished.
 */
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cancel_state.h"
#include "handle.h"
#include "linux_futex.h"
#include "linux_process.h"
#include "memory.h"
#include "monotonic.h"
#include "stack.h"
#include "streams.h"
#include "trace.h"
#include "wake.h"

/* Wake the foreman if the deadline is earlier than its alarm. */
static void start_clock(struct shared *shared, struct slot *slot, double limit)
{
    int64_t deadline = clock_after(limit);
    atomic_store(&slot->deadline, deadline);
    /* Pairs with the fence in tend_deadlines(), deadlines.c: the foreman sees this deadline, or
     * this worker sees the foreman's alarm. */
    atomic_thread_fence(memory_order_seq_cst);
    if (deadline < atomic_load(&shared->foreman_alarm))
        foreman_wake(shared);
}

/* The function has returned. Once the word says DONE, the program may free the task: it is not
 * touched again. */
static void finish(struct shared *shared, struct slot *slot, struct task *task)
{
    if (atomic_load_explicit(&slot->deadline, memory_order_relaxed) != 0)
        atomic_store(&slot->deadline, 0);
    /* Relaxed: a guess, for other processes may set flags; the swap decides. */
    uint64_t word = atomic_load_explicit(&task->word, memory_order_relaxed);
    do {
        /* The task was stopped or expired meanwhile, or the pool broke. This worker kills itself:
         * the foreman may be dead, or not allowed to kill it. */
        while (word_state(word) != TASK_RUNNING || (word & WORD_DOOMED) != 0)
            kill(getpid(), SIGKILL);
        if ((word & WORD_LOOSE) == 0)
            task->ended = clock_stamp();
    } while (!atomic_compare_exchange_weak(&task->word, &word, word_to(word, TASK_DONE)));
    if ((word & WORD_WATCHED) != 0)
        program_wake(shared);
}

static void run_task(struct pool *pool, struct slot *slot, unsigned number,
                     struct task *task)
{
    bool traced = pool->inherited.trace >= 0;
    unsigned process = process_number();
    int64_t started = 0;
    uint64_t ticket = 0;
    assert(word_is_run_by(atomic_load(&task->word), number));
    if (traced) {
        started = clock_now();
        atomic_store(&slot->started, started);
        ticket = word_ticket(atomic_load(&task->word));
    }
    if (task->limit > 0)
        start_clock(pool->shared, slot, (double)task->limit);

    task->function(task_argument(task));

    /* The task forked, and its child came back here: the child is not a worker. */
    if (process_number() != process)
        _exit(0);
    int64_t ended = traced ? clock_now() : 0;
    finish(pool->shared, slot, task);
    if (traced)
        trace_task(pool, number, getpid(), ticket, started, ended, TASK_DONE);
}

/* Have the kernel kill this worker when the foreman ends. The kernel forgets this when a process
 * changes its user or group, as a task or the initializer may do. So it is repeated after the
 * initializer, and before the worker sleeps if it has run a task. */
static void end_with_foreman(struct pool *pool)
{
    if (!signal_when_parent_ends(SIGKILL, pool->inherited.foreman))
        _exit(0);
}

/* What a worker knows while it works. It counts tasks by slot->tasks, which it alone changes. */
struct shift {
    struct pool *pool;
    struct slot *slot;
    unsigned number;
    struct queue_view view;
    struct arena_mapped mapped;
    bool woken;     /* it has run no task since it last slept */
    bool weighs;    /* it weighs its memory after each task */
    uint64_t slept; /* the count when it last slept, or before anything ran in it */
    uint64_t last;  /* it is replaced at this count; the count it began with: never */
};

static uint64_t count(const struct slot *slot)
{
    return atomic_load_explicit(&slot->tasks, memory_order_relaxed);
}

/* The times are written before the task is taken. If they came after it, and the worker were killed
 * in between, the foreman would take an earlier task's for this one's. */
static struct task *take(struct shift *shift)
{
    struct pool *pool = shift->pool;
    struct slot *slot = shift->slot;
    atomic_store_explicit(&slot->begun, clock_stamp(), memory_order_relaxed);
    if (pool->inherited.trace >= 0)
        atomic_store(&slot->started, clock_now());
    return queue_take(&pool->shared->queue, &shift->view, &slot->task, shift->number);
}

static void run_one(struct shift *shift, struct task *task)
{
    struct pool *pool = shift->pool;
    struct shared *shared = pool->shared;
    struct slot *slot = shift->slot;
    if (shift->woken && !queue_is_empty(&shared->queue))
        workers_wake_one(shared, pool->inherited.workers);
    shift->woken = false;
    if ((uintptr_t)task >= shift->mapped.end)
        arena_map_ahead(&pool->arena, &shift->mapped, task);
    if (shift->view.room) {
        shift->view.room = false;
        program_wake(shared);
    }
    run_task(pool, slot, shift->number, task);
    atomic_store_explicit(&slot->tasks, count(slot) + 1, memory_order_relaxed);
}

/* Whether this worker is to be replaced: see tasks_per_worker in pool_options.h, and
 * pool_worker_replace_at() in program.h. */
static bool is_to_be_replaced(const struct shift *shift)
{
    return count(shift->slot) == shift->last || (shift->weighs && memory_is_over());
}

/* Sleep until woken. */
static void sleep_in_shift(struct shift *shift)
{
    struct slot *slot = shift->slot;
    if (count(slot) != shift->slept) {
        end_with_foreman(shift->pool);
        orphans_keep(&slot->kept);
        shift->slept = count(slot);
    }
    worker_sleep(shift->pool->shared, shift->number);
    shift->woken = true;
}

/* Until the pool is closed and the queue empty, or this worker is to be replaced. */
static void work(struct pool *pool, struct slot *slot, unsigned number)
{
    struct shared *shared = pool->shared;
    const struct pool_options *options = &pool->inherited.options;
    struct shift shift = {.pool = pool, .slot = slot, .number = number, .woken = true};
    shift.mapped = arena_mapped(&pool->arena);
    shift.weighs = memory_is_weighed();
    shift.slept = options->initializer != NULL ? UINT64_MAX : count(slot);
    shift.last = count(slot) + options->tasks_per_worker;
    /* Workers with low numbers are woken first, so they are the ones to stay awake. More
     * spinning workers than processors would keep each other from working. */
    int most_spins = (int)number < pool->inherited.cpus ? pool->inherited.spin : 0;
    int spins = 0;
    /* Relaxed: workers are killed as well; this is for a worker that can't be killed. */
    while (!atomic_load_explicit(&shared->over, memory_order_relaxed)) {
        struct task *task = take(&shift);
        if (task != NULL) {
            run_one(&shift, task);
            if (is_to_be_replaced(&shift))
                return;
            spins = 0;
        } else if (atomic_load_explicit(&shared->closing, memory_order_acquire) != OPEN) {
            /* Tasks submitted before the pool was closed are visible now. */
            if (queue_is_empty(&shared->queue))
                return;
        } else if (spins < most_spins) {
            spins++;
            spin_pause();
        } else {
            sleep_in_shift(&shift);
            spins = 0;
        }
    }
}

/* Each new page that it touches, of code or data, costs the worker a page fault. So the name is on
 * the stack, and the empty set is not made by sigemptyset(), which nothing else here would need. */
static void become_worker(struct pool *pool)
{
    char name[] = "pool-worker";
    sigset_t none = {0};
    end_with_foreman(pool);
    name_this_process(name);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void initialize(struct pool *pool, struct slot *slot)
{
    struct pool_options *options = &pool->inherited.options;
    struct rlimit before = {0}, after = {0};
    getrlimit(RLIMIT_AS, &before);
    if (options->initializer(options->initializer_argument) != 0) {
        atomic_store(&slot->ready, INITIALIZER_FAILED_HERE);
        worker_leave(1);
    }
    getrlimit(RLIMIT_AS, &after);
    if (after.rlim_cur < before.rlim_cur)
        arena_beside_limit(&pool->arena);
    end_with_foreman(pool);
}

void (*worker_before_leaving)(void);

_Noreturn void worker_leave(int status)
{
    stack_check();
    if (worker_before_leaving != NULL)
        worker_before_leaving();
    streams_at_end();
    _exit(status);
}

/* A task called pthread_exit(), or had this thread cancelled. */
static void thread_ends(void *unused)
{
    (void)unused;
    worker_leave(0);
}

_Noreturn void worker_run(struct pool *pool, unsigned number)
{
    struct slot *slot = &pool->shared->slots[number];
    become_worker(pool);
    pthread_cleanup_push(thread_ends, NULL);
    cancel_state_restore(PTHREAD_CANCEL_ENABLE); /* the foreman's is disabled */
    if (pool->inherited.options.initializer != NULL)
        initialize(pool, slot);
    atomic_store(&slot->ready, READY);
    work(pool, slot, number);
    orphans_keep(&slot->kept);
    pthread_cleanup_pop(0);
    worker_leave(0);
}
