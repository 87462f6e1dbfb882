/*
 * protocol.h: exercise 12, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_TASK = KIND_FIRST, /* value: input. Reply: its result, or one of those below */
    KIND_RETURNED,          /* value: what run_tasks() returned */
    KIND_OUTCOME            /* value: number, outcome, result */
};

/* A cue. value: workers, tasks. Inputs are 0, 1, ... */

#define DIE (-1L) /* at once */
#define DIE_AFTER                                                                        \
    (-2L) /* when the result, of value[1], has been written; before that, its inputs are not \
             read any more */

#define MOST_TASKS 32

#endif
