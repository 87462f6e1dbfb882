/*
 * box.h: a learner's program, and what keeps it from doing harm.
 */
#ifndef BOX_H
#define BOX_H

#include <stdbool.h>
#include <sys/types.h>

#define BOX_PROCESSES 64         /* more are a fork bomb */
#define BOX_OUTPUT    (1l << 20) /* bytes; more are a flood */
#define BOX_MEMORY    (1l << 29) /* bytes in all processes together */
#define BOX_CPU       4.0        /* seconds without anything happening: an endless loop */
#define BOX_SECONDS   90.0       /* in all */

/* Once, before anything else is started: descendants that lose their parent become ours; a
 * judge run by root becomes nobody in particular. */
void box_enter(void);

/* Start the program, open as `program`, in a session of its own with those descriptors. */
pid_t box_start(int program, const char *address, int in, int out, int err);

/* Kill all descendants. */
void box_end_everybody(pid_t leader);

#endif
