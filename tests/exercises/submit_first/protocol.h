/*
 * protocol.h: exercise 10, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    /* value[5] of each message: pools that the learner has opened. */
    KIND_TASK = KIND_FIRST, /* value: number. Reply: its result, or FAIL */
    KIND_RESULT             /* value: number, results[number] */
};

enum {
    CUE_PREDICT, /* value: workers, tasks. Answer: before, after */
    CUE_RUN,     /* value: workers, tasks. Answer: what run_all() returned */
    CUE_CLOSE
};

#define FAIL (-1)

#endif
