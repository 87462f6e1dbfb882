/*
 * smoke.h: use a pool once in every way: results, a time limit, a crash, a stop. Under bad
 * conditions calls may fail with an error, but none may do the wrong thing.
 */
#ifndef SMOKE_H
#define SMOKE_H

#include <stdbool.h>

#include "pool.h"

void smoke_and_close(struct pool *pool);

/* Print on stdout which call failed, and errno. From then on, was_refused() is true. */
void note_refusal(const char *what);
bool was_refused(void);

#endif
