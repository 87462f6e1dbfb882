/*
 * counter.h: what the kernel counts of this process and of those it forks from now on.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* PERF_COUNT_SW_PAGE_FAULTS or another of perf's software counts. -1: the kernel does not count
 * them, or not for this user. */
static inline int counter_open(uint64_t what)
{
    struct perf_event_attr event = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = what, .inherit = 1};
    return (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}

static inline long counter_read(int counter)
{
    uint64_t value;
    return counter >= 0 && read(counter, &value, sizeof value) == sizeof value
               ? (long)value
               : -1;
}

#endif
