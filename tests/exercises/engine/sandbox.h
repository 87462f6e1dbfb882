/*
 * sandbox.h: a learner's program, and what keeps it from doing harm.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#define SANDBOX_PROCESSES 64         /* more are a fork bomb */
#define SANDBOX_OUTPUT    (1l << 20) /* bytes; more are a flood */
#define SANDBOX_MEMORY    (1l << 29) /* bytes in all processes together */
#define SANDBOX_CPU       4.0  /* seconds without anything happening: an endless loop */
#define SANDBOX_SECONDS   90.0 /* in all */

/* Once, before anything else is started: descendants that lose their parent become ours; a
 * judge run by root becomes nobody in particular. */
void sandbox_enter(void);

/* Start the program, open as `program`, in a session of its own with those descriptors. */
pid_t sandbox_start(int program, const char *address, int in, int out, int err);

/* Kill all descendants. */
void sandbox_end_all(pid_t leader);

#endif
