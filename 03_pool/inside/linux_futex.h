/*
 * linux_futex.h: sleep on a word of memory until woken, by a call that POSIX does not have; and
 * spin.
 */
#ifndef LINUX_FUTEX_H
#define LINUX_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * Sleep while *word == value, until futex_wake() or the deadline, a time of clock_now() or
 * CLOCK_NEVER. May return early for no reason: the caller looks again. May change errno. The word
 * may be in shared memory. See futex(2).
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

#endif
