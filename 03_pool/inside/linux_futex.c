/*
 * linux_futex.c: see linux_futex.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux_futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "monotonic.h"

#define NANOSECONDS INT64_C(1000000000)

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
    wait_on(word, value, timeout);
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
