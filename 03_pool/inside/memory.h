/*
 * memory.h: is a worker's memory over its limit? program.h has the functions for initializers.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Whether pool_worker_replace_at() was called in this process. */
bool memory_is_weighed(void);

/* Whether this process has more memory of its own than pool_worker_replace_at() allows. */
bool memory_is_over(void);

#endif
