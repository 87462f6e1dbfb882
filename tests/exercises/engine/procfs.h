/*
 * procfs.h: processes, looked at from outside, in /proc.
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid, parent;
    char state;   /* R running, S sleeping, Z zombie, T stopped, ... as ps shows it */
    double cpu;   /* seconds of processor time */
    size_t pages; /* of memory */
    char name[32];
};

#define PROCESS_ROOM 1024

/* All descendants of a process. Returns how many there are, which may be more than PROCESS_ROOM. */
size_t descendants(pid_t ancestor, struct process members[PROCESS_ROOM]);

/* Send a signal to every process of a user; zombies, and stopped ones for SIGSTOP, are left out.
 * Returns how many there were. */
size_t signal_user(uid_t user, int signal_number);

/* It runs or can run: it is not a zombie. */
bool process_lives(pid_t pid);
pid_t process_parent(pid_t pid);
char process_state(pid_t pid); /* as in struct process; 0: it is gone */

/* The id that the process itself sees, which differs in a namespace of its own. */
pid_t process_own_id(pid_t pid);

double process_cpu(pid_t pid); /* as in struct process */

/* How often the process went to sleep of its own accord. */
long process_sleeps(pid_t pid);

/* The processes of a user, threads counted singly, as RLIMIT_NPROC counts. */
size_t processes_of(uid_t user);

struct descriptor {
    int number;
    bool writes, reads;
    char target[64]; /* "pipe:[4711]" */
};

#define DESCRIPTOR_ROOM 256 /* the limit for a program */

/* The open descriptors of a process, in ascending order. */
size_t descriptors(pid_t pid, struct descriptor list[DESCRIPTOR_ROOM]);

#endif
