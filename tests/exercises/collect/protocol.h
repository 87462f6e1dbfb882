/*
 * protocol.h: exercise 4, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_PRODUCE = KIND_FIRST, /* value: child, descriptor. Reply: how many records */
    KIND_PIECE, /* a part of a record is written; the reply lets it go on */
    KIND_PRODUCED
};

enum {
    CUE_PLAIN,
    CUE_PIECES,
    CUE_INTERRUPT
};

#define ROOM 8192 /* records */

#endif
