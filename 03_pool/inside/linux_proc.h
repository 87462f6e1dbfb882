/*
 * linux_proc.h: read files of /proc, which POSIX does not have.
 */
#ifndef LINUX_PROC_H
#define LINUX_PROC_H

#include <stddef.h>
#include <sys/types.h>

/* Read a file of /proc, a character at a time, without allocating memory. EOF at its end, or if it
 * can't be read. */
struct proc_file {
    int descriptor;
    size_t at, length;
    char buffer[1024];
};
void proc_open(struct proc_file *file, const char *name);
int proc_next(struct proc_file *file);
void proc_close(struct proc_file *file);

/* The first number after `name`, where a line of the file begins with that. -1: there is none. */
long long proc_number(const char *name, const char *file);

/* A number from a process's stat file, by its place in proc(5), from 4 on. 22: when the process was
 * started, in clock ticks since the system was; 28: the address where its stack begins. Process 0:
 * this one. Returns 0 if the file can't be read. */
long long process_stat(pid_t process, int place);

/* Bytes of memory that a system which does not overcommit can still promise to programs; SIZE_MAX
 * if it does overcommit. */
size_t memory_left(void);

/* Does a mapping of that process begin at that address? -1: the system does not say. */
int process_has_mapping(pid_t process, const void *address);

#endif
