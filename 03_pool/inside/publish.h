/*
 * publish.h: hand a new task to the workers.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "shared.h"

/* Put the task in the queue, with these flags in its word, and wake a worker for it. The caller
 * has made sure that the pool is this process's and holds the lock. -1: EINVAL (not new, or the
 * pool is being closed), EOWNERDEAD, EAGAIN, ENOMEM; the task is still new. */
int publish(struct task *task, uint64_t flags);

#endif
