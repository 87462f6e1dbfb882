/*
 * driver.h: the harness's side of a learner's program.
 *
 * Such a program is one file of the learner's, one driver.c of the exercise, which calls the
 * learner's function, and this. It decides nothing: the judge, another process, tells it
 * what to call and looks at what becomes of it. Between two messages the program has no
 * descriptor that is not the learner's.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <sys/types.h>

#include "message.h"

/* Written by each exercise: do what the message says, put the answer into it. */
void driver_act(struct message *message);

/* Ask the judge, wait for the reply. Any process of the program may, at any time. The judge
 * knows from the kernel which one it was. */
void driver_exchange(struct message *message);
long driver_ask(int kind, long first, long second);

/* From now on the calls that the cue names fail in this process; other cues do nothing.
 * CUE_TWO_FORKS is for exercises whose file `symbols` lets the harness watch fork(): the learner's
 * calls come to exercise_fork(). */
void driver_let_fail(long cue);
pid_t exercise_fork(void);

/* Signals of that number interrupt system calls in this process and do nothing else. */
void driver_interruptible(int signal_number);

#endif
