/*
 * protocol.h: exercise 1, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_WORK = KIND_FIRST,
    KIND_BYSTANDER
};

enum {
    CUE_PLAIN,
    CUE_BYSTANDER,
    CUE_INTERRUPT
};

#define KILLED         1000 /* a code of that and more: die by the signal code - KILLED */
#define BYSTANDER_CODE 99

#endif
