/*
 * surplus.h: memory that tasks needed once, and no longer need, goes back to the system.
 */
#ifndef SURPLUS_H
#define SURPLUS_H

#include "shared.h"

/* Give back the memory of free blocks that were not needed for some seconds. The program calls it
 * as often as it likes: it looks at most once in two seconds, and if there is much to give back, it
 * takes some nanoseconds for each free block. */
void surplus_return(struct pool *pool, int64_t now);

#endif
