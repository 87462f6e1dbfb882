/*
 * linux.h: every call the pool makes that POSIX does not have, and the clock.
 */
#ifndef LINUX_H
#define LINUX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds on a clock that nobody can set. */
int64_t clock_now(void);

/* A point on that clock; a far one for a negative or infinite timeout. NaN gives -1. */
#define CLOCK_NEVER INT64_MAX
int64_t clock_after(double seconds);

/*
 * Sleep while *word == value, until futex_wake() or until the deadline. May wake for no
 * reason: the caller looks again. See futex(2); the word may be in shared memory.
 */
void futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline);
void futex_wake(_Atomic uint32_t *word, int how_many);

/* One line of a spinning loop: tells the core that it is one. */
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

/* Ask for a signal when the parent ends. False: it ended already, or there will be none.
 */
bool signal_when_parent_ends(int signal, pid_t parent);

/* The name that ps and top show, at most 15 bytes of it. */
void name_this_process(const char *name);

/* How many CPUs this process may use. */
int cpu_count(void);

/* Address space that child processes share. Memory is paid for where it is touched, and
 * stays out of core dumps. NULL and errno when refused. */
void *shared_map(size_t size);
void shared_unmap(void *memory, size_t size);

/* Give the memory of these pages back to the system; they read as zero then. */
void shared_discard(void *memory, size_t size);

#endif
