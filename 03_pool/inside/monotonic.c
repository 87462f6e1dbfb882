/*
 * monotonic.c: see monotonic.h.
 */
#include "monotonic.h"

#include <time.h>

#define NANOSECONDS INT64_C(1000000000)

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t clock_after(double seconds)
{
    if (seconds != seconds)
        return -1;
    /* 1e9 seconds, 31 years, counts as for ever, and is far from the limits of int64_t. */
    if (seconds < 0 || seconds > 1e9)
        return CLOCK_NEVER;
    /* Rounded up, so that no wait ends early. */
    double nanoseconds = seconds * 1e9;
    int64_t whole = (int64_t)nanoseconds;
    if ((double)whole < nanoseconds)
        whole++;
    return clock_now() + whole;
}

double clock_left(int64_t deadline)
{
    int64_t now = clock_now();
    if (deadline == CLOCK_NEVER)
        return -1;
    return deadline > now ? (double)(deadline - now) / 1e9 : 0;
}
