/*
 * protocol.h: exercise 7, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_TASK = KIND_FIRST, /* value: ticket. Reply: its value, or DIE */
    KIND_WROTE              /* the answer is in the pipe */
};

enum {
    CUE_OPEN,   /* value: how many tasks */
    CUE_RESULT, /* value: ticket. Answer: what it returned, and the value */
    CUE_CLOSE
};

#define DIE       (-987654321l) /* end without an answer */
#define UNTOUCHED (-1234567l)

#endif
