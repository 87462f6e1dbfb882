/*
 * producers.h: exercise 4, what the parts of its judge share: the children, and their records.
 */
#ifndef PRODUCERS_H
#define PRODUCERS_H

#include "judge.h"
#include "protocol.h"

#define MOST_CHILDREN 8

/* judge.c. By child: its call of produce(), or NULL; its process; the pipe it writes to. */
extern struct request *producers[MOST_CHILDREN];
extern pid_t pids[MOST_CHILDREN];
extern char pipes[MOST_CHILDREN][64];
extern int finished; /* so many have written all */

/* records.c. How many records the children have to write, and how many are in records[]. */
extern long written, whole;

/* Let each child that is there write so many records, under a key of its own. */
void let_produce(struct session *session, const long counts[], int children);

/* What the program has in records[]. */
void note_arrived(struct session *session, const struct request *request);

/* stuck.c */
_Noreturn void fail_stuck(struct session *session, int children);

#endif
