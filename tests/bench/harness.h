/*
 * harness.h: what the peers written in C have in common.
 *
 * A peer is one file that fills in `peer`. harness.c has main(), makes the work, measures the time
 * and checks the results, so all peers do the same work.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads *argument, writes *result, as a future_function does. */
typedef int work_function(void *argument, void *result);

struct job {
    work_function *work;
    int argument, result;
    void *handle; /* for the peer */
};

struct peer {
    void (*open)(int workers);
    /* Hand over all of them; then wait until all have their result. A peer that can't tell
     * the two apart does everything in the second. */
    void (*submit)(struct job *jobs, size_t count);
    void (*collect)(struct job *jobs, size_t count);
    void (*close)(void);
    /* One task with a large argument and result; use() looks at the result where it is.
     * NULL: threads, which pass pointers. */
    void (*data)(work_function *work, const void *argument, size_t argument_size,
                 size_t result_size, void (*use)(const void *result));
};

extern const struct peer peer;

/* True from the first submission to the last: set by the harness around peer.submit(), and by
 * peers that submit elsewhere. Read by the submitting thread only. */
extern bool submitting;

/* job->work on its own argument and result, in this process. */
void job_run(struct job *job);

/* A latch: a count of jobs not yet run, on which a thread can sleep until it is 0. For thread
 * pools that have none of their own. */
void jobs_expect(size_t count); /* so many more */
void jobs_done_one(void);
void jobs_await(void);

uint32_t spin(uint32_t loops); /* so much work for the CPU */
uint32_t loops_for(double nanoseconds);
void *shared_memory(size_t size);
/* A line of the raw figures; extra as printf(), with name=value pairs. */
void row(const char *what, const char *name, int workers, size_t tasks, size_t size,
         double seconds, const char *extra, ...) __attribute__((format(printf, 7, 8)));
__attribute__((noreturn)) void die(const char *what);
size_t number(const char *text);
double percentile(double *figures, size_t count, double share); /* sorts them */

#ifdef __cplusplus
}
#endif
#endif
