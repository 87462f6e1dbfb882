/*
 * monotonic.h: the time, in nanoseconds.
 */
#ifndef MONOTONIC_H
#define MONOTONIC_H

#include <stdint.h>

/* Nanoseconds on CLOCK_MONOTONIC: setting the time of day does not affect it. */
int64_t clock_now(void);

#define CLOCK_NEVER INT64_MAX

/* A stamp that tells which of two events came first, in any processes; cheaper than clock_now().
 * It is the processors' common time counter, where there is one, and its unit is not known. */
static inline int64_t clock_stamp(void)
{
#if defined(__x86_64__)
    return (int64_t)__builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return (int64_t)count;
#elif defined(__riscv) && __riscv_xlen == 64
    uint64_t count;
    __asm__ volatile("rdtime %0" : "=r"(count));
    return (int64_t)count;
#else
    return clock_now();
#endif
}

/* The time that many seconds from now; CLOCK_NEVER if negative or above 1e9, -1 if NaN. */
int64_t clock_after(double seconds);

/* The seconds until that time, not below 0; POOL_FOREVER's -1 for CLOCK_NEVER. */
double clock_left(int64_t deadline);

#endif
