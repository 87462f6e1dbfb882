/*
 * state.h: the word that decides.
 *
 * All there is to know about a task's progress is in one 64-bit word, its state:
 *
 *      63                          20 19        8 7  6  5  4 3      0
 *     +------------------------------+-----------+--+--+--+--+-------+
 *     |            ticket            |  worker   |L |E |S |W | phase |
 *     +------------------------------+-----------+--+--+--+--+-------+
 *
 * phase   an enum task_state
 * W       watched: somebody waits, so whoever ends the task rings the program's bell
 * S, E    stopping, expiring: the worker will be killed, so the task can't be done now
 * L       loose: nobody has a handle to the task; the pool frees it when it ended
 * worker  RUNNING: the number of the worker that runs it
 * ticket  the task's place in the order of submission; no two tasks in 2^44 share one
 *
 * The word changes by compare-and-swap only (but for the stores to and from NEW, when nobody
 * else can have a claim), so each step has exactly one author:
 *
 *     NEW ----> WAITING ----> RUNNING ----> DONE                    the worker
 *     program      |             |
 *                  |             +--------> LOST, STOPPED, EXPIRED  the foreman, once
 *                  |             |                                  the worker is dead
 *                  +-------------|--------> CANCELLED               the program
 *                  +-------------+--------> BROKEN                  the program, once
 *                                                                   the foreman is dead
 *
 * (BROKEN also by a child of the program that asks), and the flags W, S, L by the program, E
 * by the foreman. The ticket makes the word of a task that was ended, freed and used again
 * differ from what it was, so that a worker that slept through all that fails its swap.
 */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pool.h"

#define STATE_PHASE    UINT64_C(0x0f)
#define STATE_WATCHED  UINT64_C(0x10)
#define STATE_STOPPING UINT64_C(0x20)
#define STATE_EXPIRING UINT64_C(0x40)
#define STATE_LOOSE    UINT64_C(0x80)
#define STATE_DOOMED   (STATE_STOPPING | STATE_EXPIRING)
#define STATE_WORKER   UINT64_C(0xfff00)
#define WORKER_SHIFT   8
#define TICKET_SHIFT   20
#define TICKET_MASK    (UINT64_MAX >> TICKET_SHIFT)

static inline uint64_t state_make(uint64_t ticket, enum task_state phase)
{
    return ticket << TICKET_SHIFT | (uint64_t)phase;
}

static inline enum task_state state_phase(uint64_t state)
{
    return (enum task_state)(state & STATE_PHASE);
}

static inline bool state_ended(uint64_t state)
{
    return state_phase(state) >= TASK_DONE;
}

static inline uint64_t state_ticket(uint64_t state)
{
    return state >> TICKET_SHIFT;
}

static inline unsigned state_worker(uint64_t state)
{
    return (unsigned)((state & STATE_WORKER) >> WORKER_SHIFT);
}

/* Ticket `ticket`, waiting: whatever the flags that a waiting task may have. */
static inline bool state_waits(uint64_t state, uint64_t ticket)
{
    return (state & ~(STATE_WATCHED | STATE_LOOSE)) == state_make(ticket, TASK_WAITING);
}

/* The same task in another phase; ticket, worker and flags stay. */
static inline uint64_t state_to(uint64_t state, enum task_state phase)
{
    return (state & ~STATE_PHASE) | (uint64_t)phase;
}

static inline uint64_t state_run_by(uint64_t state, unsigned worker)
{
    return state_to(state, TASK_RUNNING) | (uint64_t)worker << WORKER_SHIFT;
}

static inline bool state_is_run_by(uint64_t state, unsigned worker)
{
    return state_phase(state) == TASK_RUNNING && state_worker(state) == worker;
}

#endif
