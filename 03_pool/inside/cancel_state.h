/*
 * cancel_state.h: pthread_cancel(). A thread that ended in the middle of a call would leave a pool
 * locked or held, and pool_close() would wait for ever. So no function that locks or holds a pool
 * is a cancellation point: what it calls that is one runs with cancellation disabled.
 */
#ifndef CANCEL_STATE_H
#define CANCEL_STATE_H

#include <pthread.h>

/* Returns what cancel_state_restore() must be given. */
static inline int cancel_state_disable(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void cancel_state_restore(int before)
{
    pthread_setcancelstate(before, NULL);
}

#endif
