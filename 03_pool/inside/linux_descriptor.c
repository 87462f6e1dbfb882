/*
 * linux_descriptor.c: see linux_descriptor.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux_descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int descriptor_above_2(int descriptor)
{
    if (descriptor < 0 || descriptor > 2)
        return descriptor;
    int higher = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    close(descriptor);
    return higher;
}

static void close_from_to(int first, int last)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)last >= limit.rlim_cur)
        last = (int)limit.rlim_cur - 1;
    for (int i = first; i <= last; i++)
        close(i);
}

static int compare(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

void close_all_but(int *kept, int count)
{
    int next = 3;
    qsort(kept, (size_t)count, sizeof *kept, compare);
    for (int i = 0; i < count; i++)
        if (kept[i] >= next) {
            close_from_to(next, kept[i] - 1);
            next = kept[i] + 1;
        }
    close_from_to(next, INT_MAX);
}

/* True also where the file system has no locks: no other process can have one. */
bool lock_file(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

int event_open(void)
{
    return descriptor_above_2(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void event_signal(int event)
{
    int saved = errno;
    uint64_t one = 1;
    ssize_t written = write(event, &one, sizeof one); /* EAGAIN: it is readable already */
    (void)written;
    errno = saved;
}

void event_clear(int event)
{
    int saved = errno;
    uint64_t count;
    ssize_t got = read(event, &count, sizeof count); /* EAGAIN: it is clear already */
    (void)got;
    errno = saved;
}

int poll_set_open(void)
{
    return descriptor_above_2(epoll_create1(EPOLL_CLOEXEC));
}

int poll_set_add(int set, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

void poll_set_remove(int set, int descriptor)
{
    struct epoll_event event = {.events = 0};
    epoll_ctl(set, EPOLL_CTL_DEL, descriptor, &event);
}
