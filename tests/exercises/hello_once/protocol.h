/*
 * protocol.h: exercise 2, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_INTRODUCE = KIND_FIRST
};

#endif
