/*
 * streams.c: see streams.h.
 *
 * The GNU library can list all streams, and its fork() frees their locks in the child. Others,
 * such as musl, do neither. There, a process with one thread uses fflush(NULL); in one with
 * several, only stdout and stderr are looked after, and the lock of stdout, if it is free, is held
 * over the fork, or the child might find it locked forever.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "streams.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <time.h>

static void print(FILE *stream)
{
    if (__fpending(stream) == 0 || ftrylockfile(stream) != 0)
        return;
    fflush_unlocked(stream);
    funlockfile(stream);
}

static void drop(FILE *stream)
{
    if (__fpending(stream) != 0)
        __fpurge(stream);
}

#ifdef __GLIBC__

/* Exported for iostreams, in no header. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*) */
FILE *_IO_iter_begin(void);
FILE *_IO_iter_end(void);
FILE *_IO_iter_next(FILE *);
void _IO_list_lock(void);
void _IO_list_unlock(void);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static void each(void (*act)(FILE *))
{
    for (FILE *stream = _IO_iter_begin(); stream != _IO_iter_end();
         stream = _IO_iter_next(stream))
        act(stream);
}

/* The lock of the list is one that fork() takes, too. */
struct streams streams_before_fork(void)
{
    int saved = errno;
    _IO_list_lock();
    each(print);
    _IO_list_unlock();
    errno = saved;
    return (struct streams){0};
}

void streams_in_parent(struct streams streams)
{
    (void)streams;
}

void streams_in_child(struct streams streams)
{
    (void)streams;
    each(drop);
}

/* The list is not locked: a thread that a task left may be blocked in fflush(NULL), which holds
 * the lock. */
void streams_at_end(void)
{
    each(print);
}

#else

#define TRIES 20 /* milliseconds: another thread may be printing just now */

static bool threads_at_fork; /* in the parent of this process, or of the foreman */

static bool one_thread(void)
{
    struct stat tasks; /* a directory with ".", ".." and one for each thread */
    return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

struct streams streams_before_fork(void)
{
    int saved = errno;
    struct streams streams = {.threads = !one_thread()};
    if (!streams.threads)
        fflush(NULL);
    for (int tries = 0; streams.threads && !streams.held && tries < TRIES; tries++) {
        streams.held = ftrylockfile(stdout) == 0;
        if (!streams.held)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (streams.held)
        fflush_unlocked(stdout);
    errno = saved;
    return streams;
}

void streams_in_parent(struct streams streams)
{
    if (streams.held)
        funlockfile(stdout);
}

void streams_in_child(struct streams streams)
{
    threads_at_fork = streams.threads;
    drop(stdout);
    drop(stderr);
    if (streams.held)
        funlockfile(stdout);
}

void streams_at_end(void)
{
    print(stdout);
    print(stderr);
    if (!threads_at_fork && one_thread())
        fflush(NULL);
}

#endif
