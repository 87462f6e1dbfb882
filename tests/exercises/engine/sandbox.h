/*
 * sandbox.h: a learner's program, and what keeps it from doing harm.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"

#define SANDBOX_PROCESSES 64         /* more are a fork bomb */
#define SANDBOX_OUTPUT    (1l << 20) /* bytes; more are a flood */
#define SANDBOX_MEMORY    (1l << 29) /* bytes in all processes together */
#define SANDBOX_CPU       4.0  /* seconds without anything happening: an endless loop */
#define SANDBOX_SECONDS   90.0 /* in all */

/* The program's processes are the descendants of `init`, a process of the judge's. */
struct sandbox {
    pid_t init, driver;
    int status; /* a socket: driver's status when it has ended */
};

/* Once, in the judge's process, before anything else is started: limits for the judge, and its
 * user id. */
void sandbox_enter(const struct identity *identity);

/* Start the program, open as `program`, in a session of its own with those descriptors. */
struct sandbox sandbox_start(int program, const char *address, int in, int out, int err);

/* True if the driver has ended, and its status. Does not wait. */
bool sandbox_ended(struct sandbox *sandbox, int *status);

/* Kill all its processes. */
void sandbox_end_all(struct sandbox *sandbox);

/* In a process that is to become something of the learner's: signals, environment, streams. */
void sandbox_reset_signals(void);
extern char *const sandbox_environment[];

#endif
