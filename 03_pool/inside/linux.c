/*
 * linux.c: see linux.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif
#define NANOSECONDS INT64_C(1000000000)

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t clock_after(double seconds)
{
    if (seconds != seconds)
        return -1;
    /* 1e9 seconds, 31 years, counts as for ever, and is far from the limits of int64_t. */
    if (seconds < 0 || seconds > 1e9)
        return CLOCK_NEVER;
    /* Rounded up, so that no wait ends early. */
    double nanoseconds = seconds * 1e9;
    int64_t whole = (int64_t)nanoseconds;
    if ((double)whole < nanoseconds)
        whole++;
    return clock_now() + whole;
}

double clock_left(int64_t deadline)
{
    int64_t now = clock_now();
    if (deadline == CLOCK_NEVER)
        return -1;
    return deadline > now ? (double)(deadline - now) / 1e9 : 0;
}

/*
 * The kernel's structures, not the C library's: on 32-bit processors the library's seconds have
 * 32 or 64 bits, and each width has a call of its own. FUTEX_WAIT's timeout is relative, on
 * CLOCK_MONOTONIC; -1: none.
 */
#ifdef SYS_futex_time64
static void wait_on(_Atomic uint32_t *word, uint32_t value, int64_t timeout)
{
    struct {
        int64_t seconds, nanoseconds;
    } wide = {timeout / NANOSECONDS, timeout % NANOSECONDS};
    if (syscall(SYS_futex_time64, (void *)word, FUTEX_WAIT, value,
                timeout < 0 ? NULL : &wide, NULL, 0) == 0 ||
        errno != ENOSYS)
        return;
    /* Before Linux 5.1. A wait may end early: here after a day. */
    int64_t day = 86400 * NANOSECONDS;
    int64_t most = timeout < day ? timeout : day;
    struct {
        long seconds, nanoseconds;
    } narrow = {(long)(most / NANOSECONDS), (long)(most % NANOSECONDS)};
    syscall(SYS_futex, (void *)word, FUTEX_WAIT, value, timeout < 0 ? NULL : &narrow,
            NULL, 0);
}
#else
static void wait_on(_Atomic uint32_t *word, uint32_t value, int64_t timeout)
{
    struct {
        int64_t seconds, nanoseconds;
    } wide = {timeout / NANOSECONDS, timeout % NANOSECONDS};
    syscall(SYS_futex, (void *)word, FUTEX_WAIT, value, timeout < 0 ? NULL : &wide, NULL,
            0);
}
#endif

/* EAGAIN (the word has changed), EINTR and ETIMEDOUT all mean: look again. */
void futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline)
{
    int64_t timeout = -1;
    if (deadline != CLOCK_NEVER) {
        timeout = deadline - clock_now();
        if (timeout <= 0)
            return;
    }
    int saved = errno;
    wait_on(word, value, timeout);
    errno = saved;
}

void futex_wake(_Atomic uint32_t *word, int how_many)
{
    /* A failed wake would leave a process asleep. It should not happen; try three times. */
    int saved = errno;
    for (int tries = 0; tries < 3; tries++)
        if (syscall(SYS_futex, (void *)word, FUTEX_WAKE, how_many, NULL, NULL, 0) >= 0)
            break;
    errno = saved;
}

bool signal_when_parent_ends(int signal, pid_t parent)
{
    /* If the parent ended before prctl() took effect, this process has another one by now. */
    return prctl(PR_SET_PDEATHSIG, signal) == 0 && getppid() == parent;
}

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

#define P_PIDFD_ ((idtype_t)3) /* not in every library's headers */

int child_descriptor(pid_t child)
{
#ifdef SYS_pidfd_open
    siginfo_t info;
    int saved = errno;
    int descriptor = descriptor_above_2((int)syscall(SYS_pidfd_open, child, 0));
    if (descriptor >= 0 &&
        waitid(P_PIDFD_, (id_t)descriptor, &info, WEXITED | WNOHANG | WNOWAIT) != 0 &&
        errno == EINVAL) {
        close(descriptor);
        descriptor = -1;
    }
    errno = saved;
    return descriptor;
#else
    (void)child;
    return -1;
#endif
}

int wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options)
{
    if (*descriptor >= 0) {
        int result = waitid(P_PIDFD_, (id_t)*descriptor, info, options);
        if (result == 0 || errno != EBADF)
            return result;
        *descriptor = -1; /* the program closed it, and may use the number */
    }
    return waitid(P_PID, (id_t)child, info, options);
}

void proc_open(struct proc_file *file, const char *name)
{
    file->descriptor = open(name, O_RDONLY | O_CLOEXEC);
    file->at = file->length = 0;
}

int proc_next(struct proc_file *file)
{
    if (file->at == file->length) {
        ssize_t length = read(file->descriptor, file->buffer, sizeof file->buffer);
        if (length <= 0)
            return EOF;
        file->at = 0;
        file->length = (size_t)length;
    }
    return (unsigned char)file->buffer[file->at++];
}

void proc_close(struct proc_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
}

int process_has_mapping(pid_t process, const void *address)
{
    char text[40];
    struct proc_file maps;
    int found = -1, matched = 0; /* characters of the line; -1: it is another address */
    snprintf(text, sizeof text, "/proc/%ld/maps", (long)process);
    proc_open(&maps, text);
    snprintf(text, sizeof text, "%lx-", (unsigned long)address);
    for (int next; found != 1 && (next = proc_next(&maps)) != EOF;) {
        found = 0;
        if (next == '\n')
            matched = 0;
        else if (matched >= 0 && next == text[matched])
            found = text[++matched] == '\0';
        else
            matched = -1;
    }
    proc_close(&maps);
    return found;
}

static void (*first_at_exit)(int status);

#ifdef __GLIBC__
static void at_exit(int status, void *unused)
{
    (void)unused;
    first_at_exit(status);
}

/* The GNU library gives the status to every function, as a second argument. */
static void at_quick_exit_(void *unused, int status)
{
    (void)unused;
    first_at_exit(status);
}

void call_first_at_exit(void (*function)(int status))
{
    first_at_exit = function;
    on_exit(at_exit, NULL);
    at_quick_exit((void (*)(void))at_quick_exit_);
}
#else
static void at_exit(void)
{
    first_at_exit(0);
}

void call_first_at_exit(void (*function)(int status))
{
    first_at_exit = function;
    atexit(at_exit);
    at_quick_exit(at_exit);
}
#endif

void name_this_process(const char *name)
{
    prctl(PR_SET_NAME, name);
}

/* A file system without locks gives none to any process. */
bool lock_file(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

int cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more than 1024 CPUs, say */
    return online > 0 ? (int)online : 1;
}

void *wiped_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0)
        return page;
    munmap(page, size);
    return NULL;
}

size_t page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

/* Whether new mappings are locked, and so allocated at once: mlockall(MCL_FUTURE). */
static bool mappings_are_locked(void)
{
    unsigned char resident = 0;
    size_t size = page_size();
    void *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return true;
    if (mincore(page, size, &resident) != 0)
        resident = 0;
    munmap(page, size);
    return (resident & 1) != 0;
}

/* What may not be touched is not allocated when it is mapped. Each page is locked when it is
 * touched first, or, where that is refused, not at all. */
static void *map_locked(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return MAP_FAILED;
    if (syscall(SYS_mlock2, memory, size, MLOCK_ONFAULT) != 0)
        munlock(memory, size);
    if (mprotect(memory, size, PROT_READ | PROT_WRITE) == 0)
        return memory;
    munmap(memory, size);
    return MAP_FAILED;
}

int event_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
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
    return epoll_create1(EPOLL_CLOEXEC);
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

void *shared_map(size_t size)
{
    void *memory = mappings_are_locked()
                       ? map_locked(size)
                       : mmap(NULL, size, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    /* Otherwise a crashing task would wait while the kernel looks through all of it. */
    madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

void shared_unmap(void *memory, size_t size)
{
    munmap(memory, size);
}

/* Sets *memory and *size to the whole pages. False: there are none. */
static bool whole_pages(char **memory, size_t *size)
{
    size_t mask = page_size() - 1;
    uintptr_t from = ((uintptr_t)*memory + mask) & ~(uintptr_t)mask;
    uintptr_t to = ((uintptr_t)*memory + *size) & ~(uintptr_t)mask;
    *memory += from - (uintptr_t)*memory;
    *size = to > from ? to - from : 0;
    return *size > 0;
}

void shared_discard(void *memory, size_t size)
{
    char *at = memory;
    if (whole_pages(&at, &size))
        madvise(at, size, MADV_REMOVE);
}

bool memory_populate(void *memory, size_t size)
{
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
    char *at = memory;
    int saved = errno;
    bool populated =
        !whole_pages(&at, &size) || madvise(at, size, MADV_POPULATE_WRITE) == 0;
    errno = saved;
    return populated;
}
