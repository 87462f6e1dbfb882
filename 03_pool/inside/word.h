/*
 * word.h: a task's word, the one place that says how far the task has come.
 *
 *      63                          20 19        8 7  6  5  4 3      0
 *     +------------------------------+-----------+--+--+--+--+-------+
 *     |            ticket            |  worker   |L |E |S |W | state |
 *     +------------------------------+-----------+--+--+--+--+-------+
 *
 * state   an enum task_state
 * W       watched: the process that ends the task must wake the program
 * S, E    stopping, expiring: the foreman is to kill the worker; while set, no DONE
 * L       loose: the program has no handle to the task; the pool frees it after its end
 * worker  in state RUNNING: the number of the worker that runs it; in states WAITING and
 *         CANCELLED: the number of the order that notes its cancellation, or 0; in WAITING,
 *         the highest bit is the flag ROOM: a worker that takes the task wakes the program
 * ticket  the task's place in the order of submission; no two tasks in 2^44 share one. While tasks
 *         wait, the program may give them other tickets, in the same sequence: see queue.h
 *
 * The word changes only by compare-and-swap, except for plain stores by the program, to and from
 * NEW and to a CANCELLED task's word: then no other process may change the word. So each change has
 * exactly one author:
 *
 *     NEW ----> WAITING ----> RUNNING ----> DONE                    by the worker
 *     program      |             |
 *                  |             +--------> LOST, STOPPED, EXPIRED  by the foreman, when the
 *                  |             |                                  worker is dead
 *                  +-------------|--------> CANCELLED               by the program
 *                  +-------------+--------> BROKEN                  by the program, when the
 *                                                                   foreman is dead
 *
 * (Any other process that looks at the task then may write BROKEN, too.) The program sets the flags
 * W, S, L and ROOM and the number of the order. The foreman sets E, and clears S if it can't kill
 * the worker.
 *
 * The ticket is a version number, the usual cure for the ABA problem. When a block of memory is
 * freed and used for another task, its word gets another ticket, so the compare-and-swap of a
 * worker that read the word before fails.
 */
#ifndef WORD_H
#define WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "task.h"

#define WORD_STATE    UINT64_C(0x0f)
#define WORD_WATCHED  UINT64_C(0x10)
#define WORD_STOPPING UINT64_C(0x20)
#define WORD_EXPIRING UINT64_C(0x40)
#define WORD_LOOSE    UINT64_C(0x80)
#define WORD_DOOMED   (WORD_STOPPING | WORD_EXPIRING)
#define WORD_WORKER   UINT64_C(0xfff00)
#define WORD_ORDER    UINT64_C(0x7ff00)
#define WORD_ORDERS   0x7ffu /* no number: several orders, or too large a number */
#define WORD_ROOM     UINT64_C(0x80000)
#define WORKER_SHIFT  8
#define TICKET_SHIFT  20
#define TICKET_MASK   (UINT64_MAX >> TICKET_SHIFT)

static inline uint64_t word_make(uint64_t ticket, enum task_state state)
{
    return ticket << TICKET_SHIFT | (uint64_t)state;
}

static inline enum task_state word_state(uint64_t word)
{
    return (enum task_state)(word & WORD_STATE);
}

static inline bool word_ended(uint64_t word)
{
    return word_state(word) >= TASK_DONE;
}

static inline uint64_t word_ticket(uint64_t word)
{
    return word >> TICKET_SHIFT;
}

static inline unsigned word_worker(uint64_t word)
{
    return (unsigned)((word & WORD_WORKER) >> WORKER_SHIFT);
}

/* WAITING under that ticket, whatever flags and number of an order a waiting task may have. */
static inline bool word_waits(uint64_t word, uint64_t ticket)
{
    return (word & ~(WORD_WATCHED | WORD_LOOSE | WORD_WORKER)) ==
           word_make(ticket, TASK_WAITING);
}

/* The same task in another state; ticket, worker and flags stay. */
static inline uint64_t word_to(uint64_t word, enum task_state state)
{
    return (word & ~WORD_STATE) | (uint64_t)state;
}

static inline uint64_t word_run_by(uint64_t word, unsigned worker)
{
    return (word_to(word, TASK_RUNNING) & ~WORD_WORKER) | (uint64_t)worker
                                                              << WORKER_SHIFT;
}

/* Of a task that waits or was cancelled. */
static inline unsigned word_order(uint64_t word)
{
    return (unsigned)((word & WORD_ORDER) >> WORKER_SHIFT);
}

static inline uint64_t word_in_order(uint64_t word, unsigned order)
{
    return (word & ~WORD_ORDER) | (uint64_t)order << WORKER_SHIFT;
}

static inline uint64_t word_renumber(uint64_t word, uint64_t ticket)
{
    return (word & ~(TICKET_MASK << TICKET_SHIFT)) | ticket << TICKET_SHIFT;
}

static inline bool word_is_run_by(uint64_t word, unsigned worker)
{
    return word_state(word) == TASK_RUNNING && word_worker(word) == worker;
}

/* Tickets wrap around after 2^44: the order of two that are less than 2^43 apart. */
static inline bool ticket_earlier(uint64_t ticket, uint64_t other)
{
    return (int64_t)((ticket - other) << TICKET_SHIFT) < 0;
}

#endif
