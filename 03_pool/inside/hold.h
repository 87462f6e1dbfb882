/*
 * hold.h: a thread of the program keeps a pool from being freed by another thread's pool_close().
 * program.h has the functions for programs: pool_hold(), pool_release(), pool_enter(),
 * pool_leave().
 */
#ifndef HOLD_H
#define HOLD_H

#include "lock.h"

/* pool_hold(), unless another thread is about to free the pool, or it is not this process's: then
 * false, and errno. The handle's own memory is never freed, so this may be asked of any. */
bool pool_hold_open(struct pool *pool);

/* Wait until no thread holds the pool any more. Threads that sleep on the bell are woken. */
void hold_await_none(struct pool *pool);

#endif
