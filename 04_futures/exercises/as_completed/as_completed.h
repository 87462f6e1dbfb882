/*
 * as_completed.h: exercise 8. The task is in README.md.
 */
#ifndef AS_COMPLETED_H
#define AS_COMPLETED_H

#include <stddef.h>

#include "future.h"

int as_completed(struct future **futures, size_t count, void (*each)(struct future *));

#endif
