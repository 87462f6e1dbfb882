/*
 * protocol.h: exercise 6, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_TASK = KIND_FIRST, /* value: worker, task */
    KIND_LEAVE,             /* value: worker. Reply: how it shall end */
    KIND_BYSTANDER,
    KIND_OPENED /* all tasks are in the queues; the reply lets crew_close() be called */
};

#define KILLED 1000 /* a reply of that and more: die by the signal reply - KILLED */

#endif
