/*
 * filter.h: system calls that a learner's program may not make. The filters also hold for its
 * children and can't be taken back.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * A signal to one of these processes, or to all processes, ends the caller with SIGSYS. So does
 * changing their limits or priority. Refused with an error: tracing, namespaces, mounts, sockets
 * of networks, large System V segments, and what no exercise needs of the kernel. `tracing`: for
 * a leak checker, which traces. -1: the system has no such filters.
 */
int filter_program(const pid_t protected[], size_t count, bool tracing);

/* fork() and its relatives fail with EAGAIN; pipe() fails with EMFILE. */
int filter_forks(void);
int filter_pipes(void);

/* Calls that make a file with a name, or an object of System V, wait until the process that reads
 * from the descriptor returned has answered. -1: the system has no such filters. */
int filter_creations(void);

#endif
