/*
 * rendezvous.h: the processes of a test wait for one another by futex, in shared memory. A process
 * that waits takes no processor time, so a thousand can wait on two CPUs.
 */
#ifndef RENDEZVOUS_H
#define RENDEZVOUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory that this process shares with all children it forks later. Never NULL. */
void *share(size_t size);

/* A number that processes raise while others wait until it is large enough. */
struct count {
    _Atomic uint32_t value;
    _Atomic uint32_t sleepers;
};

int count_now(struct count *count);
int count_add(struct count *count, int more); /* returns the new value */
void count_set(struct count *count, int value);

/* Wait until the count is at least `value`: false if it is not after guard(seconds). */
bool count_reaches(struct count *count, int value, double seconds);

/* A barrier for `parties` processes: each call returns true once all of them have arrived, or
 * false after guard(seconds). Only the last arrival wakes the others. */
struct meeting {
    struct count arrived, complete;
};
bool meeting_of(struct meeting *meeting, int parties, double seconds);

#endif
