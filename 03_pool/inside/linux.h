/*
 * linux.h: every call of the pool that POSIX does not have, and the clock.
 */
#ifndef LINUX_H
#define LINUX_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds on CLOCK_MONOTONIC: setting the time of day does not affect it. */
int64_t clock_now(void);

/* What tells which of two events came first, in whatever processes, at a part of the cost: the
 * processors' common counter of time, where there is one. In no unit. */
static inline int64_t clock_stamp(void)
{
#if defined(__x86_64__)
    return (int64_t)__builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return (int64_t)count;
#elif defined(__riscv) && __riscv_xlen == 64
    uint64_t count;
    __asm__ volatile("rdtime %0" : "=r"(count));
    return (int64_t)count;
#else
    return clock_now();
#endif
}

#define CLOCK_NEVER INT64_MAX

/* The time that many seconds from now; CLOCK_NEVER if negative or infinite, -1 if NaN. */
int64_t clock_after(double seconds);

/* The seconds until that time, not below 0; POOL_FOREVER's -1 for CLOCK_NEVER. */
double clock_left(int64_t deadline);

/*
 * Sleep while *word == value, until futex_wake() or the deadline. May return early for no reason:
 * the caller looks again. The word may be in shared memory. See futex(2).
 */
void futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline);
void futex_wake(_Atomic uint32_t *word, int how_many);

/* In a spinning loop: tells the processor that it is one. */
static inline void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Have the kernel send a signal when the parent ends. False: the parent ended already, or there
 * will be no signal. */
bool signal_when_parent_ends(int signal, pid_t parent);

/* Have exit() and quick_exit() call the function before all that were registered by now. It is
 * given the status, or 0 where the C library does not say it (musl). */
void call_first_at_exit(void (*function)(int status));

/* The same open file under a number above 2, close-on-exec: the program may have closed 0, 1 and 2
 * and count on getting them. -1 for -1, or if there is none. */
int descriptor_above_2(int descriptor);

/* Close all descriptors above 2 except these, which are sorted here; -1 is none. */
void close_all_but(int *kept, int count);

/* A descriptor for a child. -1: Linux before 5.4, or no descriptor is left. */
int child_descriptor(pid_t child);

/* waitid() for that child, by the descriptor if there is one: if the child was reaped already, its
 * pid may be another child's by now. */
int wait_for_child(pid_t child, int *descriptor, siginfo_t *info, int options);

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

/* Does a mapping of that process begin at that address? -1: the system does not say. */
int process_has_mapping(pid_t process, const void *address);

/* Set the name that ps and top show; the first 15 bytes count. */
void name_this_process(const char *name);

/* Lock the file, as long as any process has this descriptor open. False: another process has
 * locked it. */
bool lock_file(int file);

/* How many processors the affinity mask of this process has. */
int cpu_count(void);

/* A page of memory that is all zero in each new child, whatever is written to it here. NULL: the
 * kernel can't do that. */
void *wiped_page(void);

/* A descriptor that is readable once it was signalled, until it is cleared. -1 and errno. */
int event_open(void);
void event_signal(int event);
void event_clear(int event);

/* A descriptor that is readable while one of two others is, or one: add them. -1 and errno. */
int poll_set_open(void);
int poll_set_add(int set, int descriptor);
void poll_set_remove(int set, int descriptor);

/* Bytes in a page of memory: 4 KiB, 16 KiB or 64 KiB. */
size_t page_size(void);

/* Memory that child processes share, all zero. It is allocated where it is touched, also after
 * mlockall(MCL_FUTURE), and stays out of core dumps. NULL and errno when refused. */
void *shared_map(size_t size);
void shared_unmap(void *memory, size_t size);

/* Give the whole pages of it back to the system; they read as zero then. */
void shared_discard(void *memory, size_t size);

/* Allocate the whole pages of it, which are in one mapping, and let this process reach them
 * without page faults. False: the kernel can't, or there is not enough memory. */
bool memory_populate(void *memory, size_t size);

#endif
