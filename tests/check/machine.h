/*
 * machine.h: how fast this machine is at present, and so how long a test may wait.
 *
 * A guard is the time after which a test gives up. It is chosen for a quiet, ordinary machine
 * and multiplied by guard_factor(). Lower bounds ("not before 0.2 s") are never scaled.
 *
 * The measurement is made once, before main(), and exported as MACHINE, a text, and
 * MACHINE_FACTOR, a number. If the environment already has MACHINE_FACTOR, nothing is measured:
 * `make test` measures at its start, for all tests, and `make check` before each check.
 */
#ifndef MACHINE_H
#define MACHINE_H

/* Mean wall-clock times, so that other load on the machine counts. */
struct machine {
    double fork;    /* seconds for fork(), _exit() and waitpid() */
    double swap;    /* seconds for one switch between two processes, by a pipe */
    double fault;   /* seconds for the first write to a page of shared memory */
    double compute; /* seconds for a fixed computation */
};

struct machine machine_measure(void);

/* By how much the slowest of the four exceeds what an ordinary machine needs: 1 to 100. */
double machine_factor(const struct machine *machine);

double guard_factor(void);
double guard(double seconds); /* seconds times guard_factor() */

/* The time is over: measure again. Returns by how much longer guard(seconds) is from now on: 0, if
 * the machine is no slower than before. */
double guard_more(double seconds);

/* "fork 180 us, switch 4.1 us, ...; guards x 1.0": for the message of a test that fails. */
const char *machine_text(void);

#endif
