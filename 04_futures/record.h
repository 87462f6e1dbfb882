/*
 * record.h: what a future is: a record at the front of its task's argument. Behind it lie the
 * function's own argument and its result:
 *
 *     | struct task | struct future | argument | result |
 *
 * If argument and result are an int each, that is 64 bytes, one cache line.
 */
#ifndef RECORD_H
#define RECORD_H

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "future.h"

/* A task that has crashed no longer needs its function and sizes, so the place of the crash is
 * noted in their stead. */
struct future {
    union {
        future_function *work;
        const void *crash_code;
    };
    union {
        struct {
            uint64_t result_size : 52;
            uint64_t argument_at : 12; /* from the start of the struct, as result_at */
        };
        const void *crash_data;
    };
    uint32_t result_at;
    int returned; /* or CRASHED */
};

#define CRASHED INT_MAX

static inline void *argument_of(struct future *future)
{
    return (char *)future + future->argument_at;
}

static inline void *result_of(struct future *future)
{
    return (char *)future + future->result_at;
}

/* Most arguments and results are small; for them, a call of memcpy() takes longer than the copy.
 * */
static inline void copy(void *to, const void *from, size_t size)
{
    if (size == sizeof(int))
        memcpy(to, from, sizeof(int));
    else if (size == sizeof(double))
        memcpy(to, from, sizeof(double));
    else
        memcpy(to, from, size);
}

/* The task's function, in the worker: run.c. */
void future_run(void *record);

#endif
