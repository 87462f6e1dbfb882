/*
 * smoke.h: use a pool in every way once: results, a time limit, a crash, a stop. Under bad
 * conditions calls may be refused, but none may do the wrong thing.
 */
#ifndef SMOKE_H
#define SMOKE_H

#include <stdbool.h>

#include "pool.h"

void smoke_and_close(struct pool *pool);

/* Print on stdout that something was refused, with errno as the reason; was_refused() is then
 * true. */
void note_refusal(const char *what);
bool was_refused(void);

#endif
