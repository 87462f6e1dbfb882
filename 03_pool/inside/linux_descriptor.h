/*
 * linux_descriptor.h: descriptors, by calls that POSIX does not have.
 */
#ifndef LINUX_DESCRIPTOR_H
#define LINUX_DESCRIPTOR_H

#include <stdbool.h>

/* Returns the descriptor. If that is 0, 1 or 2, closes it and returns a copy above 2,
 * close-on-exec: the program may have closed these numbers and count on getting them. -1 for -1, or
 * if no number is left. */
int descriptor_above_2(int descriptor);

/* Close all descriptors above 2 except those in kept[], which is sorted in place and may have -1 in
 * it. */
void close_all_but(int *kept, int count);

/* Lock the file, as long as any process has this descriptor open. False: another process has
 * locked it. */
bool lock_file(int file);

/* A descriptor that is readable once it was signalled, until it is cleared. -1 and errno. */
int event_open(void);
void event_signal(int event);
void event_clear(int event);

/* A descriptor that is readable while any descriptor added to it is. -1 and errno. */
int poll_set_open(void);
int poll_set_add(int set, int descriptor);
void poll_set_remove(int set, int descriptor);

#endif
