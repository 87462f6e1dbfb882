/*
 * protocol.h: exercise 11, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_WORK = KIND_FIRST /* value: input. Reply: the outcome, or DIE */
};

enum {
    CUE_START,
    CUE_ASK,  /* value: input. Answer: what fetch() returned, result; text: message */
    CUE_CLOSE /* Answer: what serve() returned, or -1: the worker did not end well */
};

/* Outcomes: an even number is a result, an odd one an error with a message made of it. */
#define DIE              (-1L)
#define RESULT_OFFSET    1000
#define outcome_of(what) (2 * ((what) + RESULT_OFFSET))
#define LONG_MESSAGE     3L
#define EMPTY_MESSAGE    5L

#endif
