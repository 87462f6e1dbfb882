/*
 * stress.h: what the programs under tests/stress share: checks, a watchdog, and looking for
 * what a pool may have left behind.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pool.h"

/* Print the message and, if a pool is watched, its state; end with status 1. (An attribute, as
 * cppcheck does not heed _Noreturn.) */
__attribute__((noreturn, format(printf, 3, 4))) void stress_fail(const char *file,
                                                                 int line,
                                                                 const char *format, ...);

/* Said with every failure: what is being tried just now. */
extern char stress_context[128];

#define FAIL(...) stress_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition, ...)                                                            \
    do {                                                                                 \
        if (!(condition))                                                                \
            stress_fail(__FILE__, __LINE__, __VA_ARGS__);                                \
    } while (0)
/* The call fails with that errno. */
#define CHECK_FAILS(call, number)                                                        \
    do {                                                                                 \
        errno = 0;                                                                       \
        bool failed = (call);                                                            \
        if (!failed || errno != (number))                                                \
            stress_fail(__FILE__, __LINE__, "%s: not refused with %s but %s (%s)",       \
                        #call, #number, failed ? "refused" : "accepted",                 \
                        strerror(errno));                                                \
    } while (0)

/* Unless this is called again within so many seconds, print the pool's state and end the
 * program. 0: no more. */
void watchdog(unsigned seconds, struct pool *pool);

/* A generator of one's own, so that a seed gives the same numbers everywhere. */
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

double seconds_now(void);
void sleep_for(double seconds);

/* 'R', 'S', 'Z', ... as in /proc/PID/stat; 0: there is no such process. */
char process_state(pid_t pid);
bool is_traced(pid_t pid);
bool has_children(pid_t pid);
int count_children(pid_t pid); /* zombies, too */

/* Memory that children share, zeroed. */
void *share(size_t size);

/* What this process holds: descriptors, shared anonymous mappings, resident KiB. */
struct holdings {
    int descriptors, mappings;
    long resident;
};
struct holdings holdings_of(pid_t pid);
struct holdings holdings_now(void);
/* Fail unless descriptors and mappings are as before and no child is left. */
void check_nothing_left(const struct holdings *before);

/*
 * Run body() in a process with a session of its own, and become the parent of whoever it
 * leaves behind. Returns its wait status. Fails if it takes longer than `seconds`, or if
 * anybody survives it by more than a second.
 */
int run_apart(void (*body)(void *), void *argument, double seconds);
/* The same in two steps. */
pid_t start_apart(void (*body)(void *), void *argument);
int end_apart(pid_t child, double seconds);
/* The second half of end_apart(), for one whose end was seen otherwise. */
void await_orphans(pid_t child);

/* Run all cases, or those named by the arguments, each in a process of its own; print a line
 * for each. The status for main(). */
struct stress_case {
    const char *name;
    void (*run)(void *);
};
int run_cases(const struct stress_case *cases, size_t count, int argc, char **argv);

#endif
