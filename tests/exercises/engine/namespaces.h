/*
 * namespaces.h: a root directory, processes and System V objects of a program's own, which go
 * when its first process does. Needs no privilege, but a kernel that lets users make namespaces.
 */
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"

#define SCRATCH      "/tmp" /* the program may write here, and in /dev/shm */
#define SCRATCH_SIZE "96m"  /* of both together */

/* False if JUDGE_NAMESPACES=no is in the environment, so that what holds without them is tested. */
bool namespaces_wanted(void);

/* As fork(), but the child is process 1 of namespaces of its own. -1: not possible here. */
pid_t namespaces_fork(void);

/* In that child: take the student's user id, and a root directory that holds the system's
 * programs, read-only, and an empty directory for files. False: not possible. */
bool namespaces_enter(const struct identity *identity);

#endif
