/*
 * linux_process.h: parents, children and exits, by calls that POSIX does not have.
 */
#ifndef LINUX_PROCESS_H
#define LINUX_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Have the kernel send a signal when the parent ends. False: the parent ended already, or there
 * will be no signal. */
bool signal_when_parent_ends(int signal, pid_t parent);

/* A descriptor for a child. -1: Linux before 5.4, or no descriptor is left. */
int child_descriptor(pid_t child);

/* waitid() for that child, by the descriptor if there is one: if the child was reaped already, its
 * pid may be another child's by now. */
int wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options);

/* Have exit() and quick_exit() call the function before all that were registered by now. It is
 * given the status, or 0 where the C library does not say it (musl). */
void call_first_at_exit(void (*function)(int status));

/* Set the name that ps and top show; the first 15 bytes count. */
void name_this_process(const char *name);

/* How many processors the affinity mask of this process has. */
int cpu_count(void);

#endif
