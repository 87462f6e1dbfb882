/*
 * protocol.h: exercise 8, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_TASK = KIND_FIRST, /* value: number. Reply: 0, FAIL, or DIE */
    KIND_EACH               /* value: number, whether it has ended */
};

enum {
    CUE_SUBMIT,  /* value: workers, tasks */
    CUE_COLLECT, /* Answer: what as_completed() returned, whether the array is as it was */
    CUE_CLOSE
};

enum {
    FAIL = 1,
    DIE
};

#endif
