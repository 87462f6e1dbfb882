/*
 * spin.c: work for the CPU, the same for all peers, in C and in Python (as a library).
 *
 * The work is a number of loops, not a time: a process that is preempted must not get ahead.
 */
#include <stdint.h>

uint32_t spin(uint32_t loops);

uint32_t spin(uint32_t loops)
{
    uint32_t x = loops;
    for (uint32_t i = 0; i < loops; i++)
        x = x * 1664525U + 1013904223U;
    return x;
}
