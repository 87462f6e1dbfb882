/*
 * proc.h: what /proc says of a process; run a function in a process of its own, and find the
 * processes that it left behind.
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* 'R', 'S', 'Z', ... as in /proc/PID/stat; 0: there is no such process. */
char process_state(pid_t pid);
void process_name(pid_t pid, char *name, size_t size); /* "gone": no such process */
bool is_traced(pid_t pid);
bool has_children(pid_t pid);
int count_children(pid_t pid); /* including zombies */

/* What a process holds: open descriptors, shared anonymous mappings, resident KiB. */
struct holdings {
    int descriptors, mappings;
    long resident;
};
struct holdings holdings_of(pid_t pid);
struct holdings holdings_now(void);
/* Fail unless descriptors and mappings are as before and no child is left. */
void check_nothing_left(const struct holdings *before);

/* From now on, a descendant whose parent ends becomes a child of this process. */
void adopt_orphans(void);

/*
 * Run body() in a process with a session of its own, and adopt what it leaves behind. Returns
 * its wait status. Fails if it takes longer than guard(seconds), or if any descendant outlives
 * it by more than guard(1).
 */
int run_apart(void (*body)(void *), void *argument, double seconds);
/* The same in two steps. */
pid_t start_apart(void (*body)(void *), void *argument);
int end_apart(pid_t child, double seconds);
/* The second half of end_apart(), for a process whose end the caller has seen. */
void await_orphans(pid_t child);

#endif
