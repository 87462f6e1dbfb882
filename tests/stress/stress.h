/*
 * stress.h: what the programs in tests/stress share, beyond tests/check: a watchdog, random
 * numbers, tables of cases, and waiting until the workers sleep.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdint.h>
#include <sys/types.h>

#include "check.h"
#include "pool.h"
#include "proc.h"
#include "rendezvous.h"

/* Start or restart a watchdog: unless this is called again within guard(seconds), it prints the
 * pool's state and ends the program. 0 seconds: stop it. */
void watchdog(unsigned seconds, struct pool *pool);

/* The same seed gives the same numbers on every system. */
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

/* Wait until the idle bit of every worker is set and the worker sleeps. */
void await_idle(struct pool *pool);

/* Turn off the program's checks of the foreman and the bells, which it makes every 100 ms while it
 * waits. A lost wake-up then stays lost until the timeout of the wait. */
void look_no_more(struct pool *pool);

/* Run all cases, or those named by the arguments, each in a process of its own; print a line
 * for each. Returns the status for main(). */
struct stress_case {
    const char *name;
    void (*run)(void *);
};
int run_cases(const struct stress_case *cases, size_t count, int argc, char **argv);

#endif
