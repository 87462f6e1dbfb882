/*
 * protocol.h: exercise 11, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "error_reply.h"
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

/* An error: its message has `length` bytes, which follow from `seed`. */
#define error_of(length, seed) (2 * (MESSAGE_ROOM * (seed) + (length)) + 1)

static inline void error_message(long outcome, char message[MESSAGE_ROOM])
{
    long length = outcome / 2 % MESSAGE_ROOM;
    unsigned long state = (unsigned long)(outcome / 2 / MESSAGE_ROOM);
    for (long i = 0; i < length; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        message[i] = i < 4 ? "OW! "[i] : (char)('a' + (state >> 33) % 26);
    }
    message[length] = '\0';
}

#endif
