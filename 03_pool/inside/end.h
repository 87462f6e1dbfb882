/*
 * end.h: end a pool's processes, and free what the program keeps for the pool.
 */
#ifndef END_H
#define END_H

#include "shared.h"

/* Have the workers run what there is (DRAIN) or kill them (ABORT, or at the deadline), and wait
 * for the foreman's end. May be called again. -1: the pool was broken. */
int pool_end_processes(struct pool *pool, enum closing how, int64_t deadline);

/* Wait for the foreman's end and take its exit status from the kernel. Keeps errno. */
void pool_reap_foreman(struct pool *pool);

/* Free everything, also of a pool that was opened only in part. Its processes must have ended.
 * Keeps errno. */
void pool_discard(struct pool *pool);

/* Have exit() end the processes of pools that are open then, as DRAIN. */
void drain_at_exit(void);

#endif
