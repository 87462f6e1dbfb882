/*
 * smoke.h: a whole life of a pool, with something of everything: results, a limit, a crash, a
 * stop. Under bad conditions some of it may be refused, but nothing may go wrong.
 */
#ifndef SMOKE_H
#define SMOKE_H

#include <stdbool.h>

#include "pool.h"

void smoke_and_close(struct pool *pool);

/* Something was refused, for the reason that errno says: said on stdout. */
void note_refusal(const char *what);
bool was_refused(void);

#endif
