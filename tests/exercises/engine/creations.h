/*
 * creations.h: what a program makes that outlives it: files with a name, and shared memory,
 * semaphores and queues of System V.
 *
 * Where there are no namespaces and the grader is not root, the program runs as the grader's
 * user, so an object's owner does not tell which program made it. Here the kernel reports each
 * call that makes one, and holds the caller until the judge has noted it.
 *
 * A program of several threads can change a file's name after the judge has read it. Such a file
 * is counted, and stays.
 */
#ifndef CREATIONS_H
#define CREATIONS_H

#include <stdbool.h>
#include <stddef.h>

#define CREATIONS_MOST  256         /* in a scene */
#define CREATIONS_BYTES (64l << 20) /* in their files together */

/* In the process that starts scenes: a place for notes, which the scene's process shares. */
void creations_prepare(void);

/* In a process that is to become the program: from now on its calls are reported. Returns a
 * descriptor for the judge, or -1: the system reports no calls. */
int creations_report(void);

/* In the scene's process: reports come from there. -1: there are none. */
void creations_listen(int reports);
int creations_descriptor(void); /* to poll; -1: there are no reports */
void creations_note(void);      /* there is a report: note it, let the caller go on */

/* How many there were, and how many bytes are in the files. */
size_t creations_count(void);
long creations_bytes(void);

/* In the process that starts scenes, when the program is dead: remove what was noted. */
void creations_remove(void);

#endif
