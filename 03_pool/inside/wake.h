/*
 * wake.h: sleep until woken, and wake.
 *
 * Each process of the pool sleeps on a futex of its own, its bell: a counter that another process
 * increments ("rings") before it wakes the sleeper. The right way to wait for something is
 *
 *     for (;;) {
 *         uint32_t seen = bell_read(bell);
 *         if (it is there)
 *             break;
 *         bell_wait(bell, seen, deadline);
 *     }
 *
 * and the right way to announce it is to make it true first and ring the bell then. If the bell
 * rings between bell_read() and bell_wait(), the counter has changed and bell_wait() returns at
 * once. So no wake-up is lost.
 *
 * Ringing a bell costs a system call, so a new task rings only that of an idle worker. A worker
 * therefore sets its idle bit before it checks the queue once more and sleeps:
 *
 *     worker                           program
 *     ------                           -------
 *     set the idle bit                 move the tail
 *     is the queue empty?              is an idle bit set?
 *     yes: sleep                       yes: clear it and ring that worker's bell
 *
 * All four are sequentially consistent. If the worker finds the queue empty, it looked before
 * the tail moved, so it had set its bit before the program looked, and the program rings.
 *
 * A process that clears another worker's idle bit must ring that worker's bell. (The foreman, for a
 * dead or stopped worker, repairs instead.) If a worker dies before it has done so, the foreman
 * rings: workers_repair().
 */
#ifndef WAKE_H
#define WAKE_H

#include <limits.h>

#include "linux_futex.h"
#include "monotonic.h"
#include "queue.h"
#include "shared.h"

static inline uint32_t bell_read(const _Atomic uint32_t *bell)
{
    return atomic_load(bell);
}

/* Sleep until the bell rings, if it has not rung since it was read as `seen`; no longer than to
 * the deadline. May return early for no reason. */
static inline void bell_wait(_Atomic uint32_t *bell, uint32_t seen, int64_t deadline)
{
    futex_wait(bell, seen, deadline);
}

static inline void bell_ring(_Atomic uint32_t *bell)
{
    atomic_fetch_add(bell, 1);
    futex_wake(bell, 1);
}

/* Several threads of the program may sleep on the same bell. */
static inline void bell_ring_all(_Atomic uint32_t *bell)
{
    atomic_fetch_add(bell, 1);
    futex_wake(bell, INT_MAX);
}

/* ---- The program ---- */

/* Sleep on the program's bell, as bell_wait(), and set the flag SLEEPING for processes that end
 * tasks. */
void program_sleep(struct shared *shared, uint32_t seen, int64_t deadline);

/* For program_wake() when the program waits. */
void program_wake_waiting(struct shared *shared);

/* A watched task has ended, or there is room in the queue: wake the program if it waits. */
static inline void program_wake(struct shared *shared)
{
    atomic_fetch_add(&shared->bell, 1);
    if (atomic_load(&shared->program_waits) != 0)
        program_wake_waiting(shared);
}

/* By the foreman: wake the program whether it says that it waits or not. A process that died may
 * have cleared program_waits and not woken the program. */
void program_wake_always(struct shared *shared);

/* ---- The foreman ---- */

/* Make the foreman look round. Not by kill(): a worker that changed its user id may not be
 * allowed to signal the foreman. */
static inline void foreman_wake(struct shared *shared)
{
    bell_ring(&shared->foreman_bell);
}

/* ---- Workers ---- */

/* Sleep until there may be a task, or the pool is closing. */
void worker_sleep(struct shared *shared, unsigned number);

/* Clear the worker's idle bit: it has woken, it died, or a signal stopped it. */
void worker_not_idle(struct shared *shared, unsigned number);

/* The fast test before workers_wake_one(). */
static inline bool workers_any_idle(struct shared *shared, int workers)
{
    int group = 0;
    do {
        if (atomic_load(&shared->idle[group]) != 0)
            return true;
    } while (++group * 64 < workers);
    return false;
}

/* There is a task: make sure that one of the sleeping workers, if any, wakes. When that one has
 * found a task and more wait, it wakes the next. So a submit makes at most one system call, and
 * most make none. */
void workers_wake_one(struct shared *shared, int workers);

void workers_wake_all(struct shared *shared, int workers);

/* A worker died, perhaps between clearing an idle bit and ringing, or between being woken and
 * looking for a task: ring for it. A wake-up too many is harmless. */
void workers_repair(struct shared *shared, int workers);

#endif
