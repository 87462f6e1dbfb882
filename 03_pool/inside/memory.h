/*
 * memory.h: the memory of a worker: limited, watched. program.h has what an initializer may call.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Whether pool_worker_replace_at() was called in this process. */
bool memory_is_watched(void);

/* Whether this process has more memory of its own than pool_worker_replace_at() allows. */
bool memory_is_over(void);

#endif
