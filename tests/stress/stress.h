/*
 * stress.h: what the programs under tests/stress share, beyond tests/check: a watchdog, random
 * numbers, tables of cases, and waiting until workers sleep.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdint.h>
#include <sys/types.h>

#include "check.h"
#include "pool.h"
#include "proc.h"
#include "rendezvous.h"

/* Unless this is called again within guard(seconds), print the pool's state and end the
 * program. 0: end the watch. */
void watchdog(unsigned seconds, struct pool *pool);

/* The same seed gives the same numbers on every system. */
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

/* Wait until every worker sleeps and says so. */
void await_idle(struct pool *pool);

/* The program no longer looks after the foreman and the bells every 100 ms. A wake-up that is
 * lost then stays lost, however slow the machine is, until the wait's own limit. */
void look_no_more(struct pool *pool);

/* Run all cases, or those named by the arguments, each in a process of its own; print a line
 * for each. Returns the status for main(). */
struct stress_case {
    const char *name;
    void (*run)(void *);
};
int run_cases(const struct stress_case *cases, size_t count, int argc, char **argv);

#endif
