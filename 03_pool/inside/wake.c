/*
 * wake.c: see wake.h.
 */
#include "wake.h"

#include "lock.h"

/* Several threads may sleep on the bell. A thread clears the flag SLEEPING only if the program has
 * no other thread; otherwise the flag stays, and the next process that wakes the program clears it:
 * at most one system call too many. */
void program_sleep(struct shared *shared, uint32_t seen, int64_t deadline)
{
    atomic_fetch_or(&shared->program_waits, SLEEPING);
    bell_wait(&shared->bell, seen, deadline);
    if (SINGLE_THREADED)
        atomic_fetch_and(&shared->program_waits, ~(unsigned)SLEEPING);
}

/* The process that clears a flag must make that wake-up. It rings the bell again before it wakes: a
 * thread that said that it sleeps may not be asleep yet, and no other process will wake it now. The
 * descriptor of the event loop is signalled by the foreman and never by a worker, as a task may
 * have closed it in the worker, or opened a file of its own in its place. */
void program_wake_waiting(struct shared *shared)
{
    uint32_t waits = atomic_exchange(&shared->program_waits, 0);
    if ((waits & SLEEPING) != 0)
        bell_ring_all(&shared->bell);
    if ((waits & POLLING) != 0) {
        atomic_store(&shared->loop_due, true);
        foreman_wake(shared);
    }
}

void program_wake_always(struct shared *shared)
{
    atomic_fetch_add(&shared->bell, 1);
    futex_wake(&shared->bell, INT_MAX);
    atomic_store(&shared->loop_due, true);
    atomic_fetch_add(&shared->foreman_bell, 1); /* this process: no need to wake it */
}

void worker_not_idle(struct shared *shared, unsigned number)
{
    atomic_fetch_and(&shared->idle[number / 64], ~(UINT64_C(1) << number % 64));
}

void worker_sleep(struct shared *shared, unsigned number)
{
    _Atomic uint32_t *bell = &shared->slots[number].bell;
    uint32_t seen = bell_read(bell);
    atomic_fetch_or(&shared->idle[number / 64], UINT64_C(1) << number % 64);
    if (queue_is_empty(&shared->queue) && atomic_load(&shared->closing) == OPEN)
        bell_wait(bell, seen, CLOCK_NEVER);
    worker_not_idle(shared, number);
    atomic_store(&shared->waking, false);
}

/* Wake the first idle worker of this group of 64. False: none is idle. */
static bool wake_in(struct shared *shared, int group)
{
    uint64_t idle = atomic_load(&shared->idle[group]);
    while (idle != 0) {
        uint64_t lowest = idle & (~idle + 1);
        idle = atomic_fetch_and(&shared->idle[group], ~lowest);
        if ((idle & lowest) != 0) { /* cleared by this call: this call must ring */
            bell_ring(&shared->slots[group * 64 + __builtin_ctzll(lowest)].bell);
            return true;
        }
    }
    return false;
}

static bool wake_first(struct shared *shared, int workers)
{
    for (int group = 0; group * 64 < workers; group++)
        if (wake_in(shared, group))
            return true;
    return false;
}

/*
 * If `waking` is already set, there is nothing to do: the worker being woken clears it before it
 * looks for a task, so it will see what was submitted before. If no worker could be woken after
 * all, the queue is looked at again: meanwhile another process may have found `waking` set.
 */
void workers_wake_one(struct shared *shared, int workers)
{
    while (workers_any_idle(shared, workers)) {
        if (atomic_load(&shared->waking) || atomic_exchange(&shared->waking, true))
            return;
        if (wake_first(shared, workers))
            return;
        atomic_store(&shared->waking, false);
        if (queue_is_empty(&shared->queue))
            return;
    }
}

void workers_wake_all(struct shared *shared, int workers)
{
    for (int i = 0; i < workers; i++)
        bell_ring(&shared->slots[i].bell);
}

/* Workers whose bit is set are woken in the usual way; those whose bit is not set may have been
 * about to be woken by the dead one. */
void workers_repair(struct shared *shared, int workers)
{
    atomic_store(&shared->waking, false);
    for (int i = 0; i < workers; i++)
        if ((atomic_load(&shared->idle[i / 64]) >> i % 64 & 1) == 0)
            bell_ring(&shared->slots[i].bell);
    if (!queue_is_empty(&shared->queue))
        workers_wake_one(shared, workers);
}
