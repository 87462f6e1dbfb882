/*
 * worker.c: take a task, run it, finish it; sleep when there is none.
 *
 * Killed at any instruction, a worker leaves the pool in order. Before it takes a task it
 * writes down which one (slot->task), so that the foreman knows where to look; the task's
 * state word says whether it had taken it, and whether it had finished.
 */
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "foreman.h"
#include "trace.h"

static bool queue_is_empty(struct shared *shared)
{
    return atomic_load(&shared->head) == atomic_load(&shared->tail);
}

/*
 * What a worker knows of the queue: the tail, which may have moved on by now, and a ring that
 * has all tickets up to there. The program writes the tail with each task. If workers read it
 * with each task, too, its line of memory would go back and forth between the cores.
 */
struct view {
    uint64_t tail;
    struct ring *ring;
};

/* Is there more than it knew? The ring is loaded after the tail, so that it has all. */
static bool look_further(struct shared *shared, struct view *view, uint64_t head)
{
    view->tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
    view->ring = atomic_load_explicit(&shared->ring, memory_order_acquire);
    return head < view->tail;
}

/*
 * The oldest waiting task, now this worker's; NULL: none waits.
 *
 * Whoever swaps the state word from WAITING to RUNNING has the task. The head is moved
 * afterwards, by anyone who finds it behind: the taker may be dead. It may be moved past
 * ticket t as soon as t's word is not "t, WAITING": then t was taken or cancelled, and its
 * block, maybe, freed since and used for another ticket.
 * The entry was really t's: it is overwritten only when the head is past t, and then the
 * swap of the head fails.
 */
static struct task *take(struct shared *shared, struct view *view, struct slot *slot,
                         unsigned number)
{
    for (;;) {
        uint64_t head = atomic_load_explicit(&shared->head, memory_order_acquire);
        if (head >= view->tail && !look_further(shared, view, head))
            return NULL;
        struct ring *ring = view->ring;
        struct task *task =
            atomic_load_explicit(&ring->entry[head & ring->mask], memory_order_acquire);
        if (task != NULL) {
            uint64_t state = atomic_load_explicit(&task->state, memory_order_acquire);
            if (state_waits(state, head)) {
                /* Before the swap: whoever sees that this worker runs it finds it here. */
                atomic_store_explicit(&slot->task, task, memory_order_release);
                bool mine = atomic_compare_exchange_strong(&task->state, &state,
                                                           state_run_by(state, number));
                if (!mine)
                    continue; /* taken, cancelled, or just being watched now */
                atomic_compare_exchange_strong(&shared->head, &head, head + 1);
                return task;
            }
        }
        atomic_compare_exchange_strong(&shared->head, &head, head + 1);
    }
}

/* Tell the foreman when to look, if that is earlier than it means to. */
static void start_clock(struct shared *shared, struct slot *slot, double limit)
{
    int64_t deadline = clock_after(limit);
    atomic_store(&slot->deadline, deadline);
    /* Whoever sees the deadline sees slot->task, too: see tend(). */
    atomic_thread_fence(memory_order_seq_cst);
    if (deadline < atomic_load(&shared->foreman_wakes))
        ring_foreman(shared);
}

/* The task has returned. Once its word says DONE it may be freed: it isn't touched again.
 */
static void finish(struct shared *shared, struct slot *slot, struct task *task)
{
    if (atomic_load_explicit(&slot->deadline, memory_order_relaxed) != 0)
        atomic_store(&slot->deadline, 0);
    /* Relaxed: a guess, for others may set flags; the swap decides. */
    uint64_t state = atomic_load_explicit(&task->state, memory_order_relaxed);
    do {
        /* Too late? Then this worker is about to be killed, or, if the program wrote BROKEN
         * there, to die with the foreman. */
        while (state_phase(state) != TASK_RUNNING || (state & STATE_DOOMED) != 0)
            pause();
        if ((state & STATE_WATCHED) != 0)
            task->ended = clock_now();
    } while (
        !atomic_compare_exchange_weak(&task->state, &state, state_to(state, TASK_DONE)));
    if ((state & STATE_WATCHED) != 0)
        ring_program(shared);
}

static void run(struct pool *pool, struct slot *slot, unsigned number, struct task *task)
{
    unsigned generation = process_generation;
    int64_t started = 0;
    uint64_t ticket = 0;
    if (pool->trace >= 0) {
        started = clock_now();
        atomic_store(&slot->started, started);
        ticket = state_ticket(atomic_load(&task->state));
    }
    if (task->limit > 0)
        start_clock(pool->shared, slot, (double)task->limit);

    task->function(task_argument(task));

    /* A task that forks and forgets to end its child: the child is no worker. */
    if (process_generation != generation)
        _exit(0);
    int64_t ended = pool->trace >= 0 ? clock_now() : 0;
    finish(pool->shared, slot, task);
    if (pool->trace >= 0)
        trace_task(pool, number, getpid(), ticket, started, ended, TASK_DONE);
}

void worker_not_idle(struct shared *shared, unsigned number)
{
    atomic_fetch_and(&shared->idle[number / 64], ~(UINT64_C(1) << number % 64));
}

/*
 * Until there may be something to do. The worker says that it is idle and looks once
 * more; the program submits and looks who is idle. Both are sequentially consistent, so
 * one of them sees the other.
 */
static void sleep_until_woken(struct shared *shared, struct slot *slot, unsigned number)
{
    uint32_t bell = atomic_load(&slot->bell);
    atomic_fetch_or(&shared->idle[number / 64], UINT64_C(1) << number % 64);
    if (queue_is_empty(shared) && atomic_load(&shared->closing) == OPEN)
        futex_wait(&slot->bell, bell, CLOCK_NEVER);
    worker_not_idle(shared, number);
    atomic_store(&shared->waking, false);
}

static bool wake_in(struct shared *shared, int word)
{
    uint64_t idle = atomic_load(&shared->idle[word]);
    while (idle != 0) {
        uint64_t lowest = idle & (~idle + 1);
        idle = atomic_fetch_and(&shared->idle[word], ~lowest);
        if ((idle & lowest) != 0) { /* cleared by this call: this call wakes it */
            int number = word * 64 + __builtin_ctzll(lowest);
            ring_worker(&shared->slots[number]);
            return true;
        }
    }
    return false;
}

/* True: the first of these workers that sleeps is being woken; false: none sleeps. */
static bool wake_first(struct shared *shared, int workers)
{
    for (int word = 0; word * 64 < workers; word++)
        if (wake_in(shared, word))
            return true;
    return false;
}

/*
 * Whoever finds `waking` set may leave it at that: the worker being woken resets it before
 * it looks, so it sees what was submitted before. Should there be none to wake after all,
 * the queue is looked at again, for somebody may have left it at that meanwhile.
 */
void workers_wake_one(struct shared *shared, int workers)
{
    while (workers_any_idle(shared, workers)) {
        if (atomic_load(&shared->waking) || atomic_exchange(&shared->waking, true))
            return;
        if (wake_first(shared, workers))
            return;
        atomic_store(&shared->waking, false);
        if (queue_is_empty(shared))
            return;
    }
}

void workers_repair(struct shared *shared, int workers)
{
    atomic_store(&shared->waking, false);
    for (int i = 0; i < workers; i++)
        if ((atomic_load(&shared->idle[i / 64]) >> i % 64 & 1) == 0)
            ring_worker(&shared->slots[i]);
    if (!queue_is_empty(shared))
        workers_wake_one(shared, workers);
}

void workers_wake_all(struct shared *shared, int workers)
{
    for (int i = 0; i < workers; i++)
        ring_worker(&shared->slots[i]);
}

/* Asked for anew from time to time: the system forgets it when a process changes its user or
 * group, and a task may do that, or the initializer. */
static void end_with_foreman(struct pool *pool)
{
    if (!signal_when_parent_ends(SIGKILL, atomic_load(&pool->shared->foreman)))
        _exit(0);
}

static void work(struct pool *pool, struct slot *slot, unsigned number)
{
    struct shared *shared = pool->shared;
    unsigned left = pool->options.tasks_per_worker;
    /* The first workers are woken first, so they are those to be awake. More of them than
     * there are CPUs would only keep each other from working. */
    int most_spins = (int)number < pool->cpus ? pool->spin : 0;
    int spins = 0;
    struct view view = {0};
    bool woken = true;
    for (;;) {
        struct task *task = take(shared, &view, slot, number);
        if (task != NULL) {
            if (woken && !queue_is_empty(shared))
                workers_wake_one(shared, pool->workers);
            woken = false;
            run(pool, slot, number, task);
            uint64_t tasks = atomic_load_explicit(&slot->tasks, memory_order_relaxed);
            atomic_store_explicit(&slot->tasks, tasks + 1, memory_order_relaxed);
            if (left != 0 && --left == 0)
                return;
            spins = 0;
        } else if (atomic_load_explicit(&shared->closing, memory_order_acquire) != OPEN) {
            /* What was submitted before the pool was closed is seen now. */
            if (queue_is_empty(shared))
                return;
        } else if (spins < most_spins) {
            spins++;
            spin_pause();
        } else {
            end_with_foreman(pool);
            sleep_until_woken(shared, slot, number);
            woken = true;
            spins = 0;
        }
    }
}

/* As if the program had just been started: nothing blocked (the foreman has put the
 * dispositions right), and an end as soon as the foreman ends. */
static void become_worker(struct pool *pool)
{
    foreman_unlisten();
    end_with_foreman(pool);
    name_this_process("pool-worker");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void initialize(struct pool *pool, struct slot *slot)
{
    if (pool->options.initializer(pool->options.initializer_argument) != 0) {
        atomic_store(&slot->ready, INITIALIZER_SAYS_NO);
        fflush(NULL);
        _exit(1);
    }
    end_with_foreman(pool);
}

_Noreturn void worker_run(struct pool *pool, unsigned number)
{
    struct slot *slot = &pool->shared->slots[number];
    become_worker(pool);
    if (pool->options.initializer != NULL)
        initialize(pool, slot);
    atomic_store(&slot->ready, READY);
    work(pool, slot, number);
    /* What the tasks printed goes out; the program's atexit() functions are not ours. */
    fflush(NULL);
    _exit(0);
}
