/*
 * block.h: the block of a task that is no more.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "shared.h"

/* Free the task's block. No worker can have a claim to the task. */
void block_put(struct task *task);

#endif
