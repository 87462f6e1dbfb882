/*
 * hold.h: a thread of the program keeps a pool from being freed by another thread's pool_close().
 * program.h has the functions for programs: pool_hold(), pool_release(), pool_enter(),
 * pool_leave().
 */
#ifndef HOLD_H
#define HOLD_H

#include "lock.h"

/* pool_hold(). False and errno: another thread is about to free the pool, or it is not this
 * process's. Any handle may be given, because the memory of handles is never freed. */
bool pool_hold_open(struct pool *pool);

/* By the thread that closes the pool: wait until no thread holds it any more. Threads that sleep on
 * the bell are woken. */
void hold_await_none(struct pool *pool);

#endif
