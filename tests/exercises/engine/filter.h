/*
 * filter.h: system calls that a learner's program may not make.
 */
#ifndef FILTER_H
#define FILTER_H

#include <sys/types.h>

/* kill(-1, ...), which hits every process of the user's, and kill(judge, ...): the process
 * that calls it dies of SIGSYS. -1: the system has no such filters. */
int filter_kills(pid_t judge);

/* fork() and its relatives fail with EAGAIN. */
int filter_forks(void);

#endif
