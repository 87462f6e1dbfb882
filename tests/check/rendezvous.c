/*
 * rendezvous.c: see rendezvous.h.
 */
#include "rendezvous.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

void *share(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED, "cannot map %zu bytes", size);
    return memory;
}

static void wake(struct count *count)
{
    if (atomic_load(&count->sleepers) > 0)
        syscall(SYS_futex, (void *)&count->value, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void sleep_while(struct count *count, uint32_t value, double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    atomic_fetch_add(&count->sleepers, 1);
    syscall(SYS_futex, (void *)&count->value, FUTEX_WAIT, value, &left, NULL, 0);
    atomic_fetch_sub(&count->sleepers, 1);
}

int count_now(struct count *count)
{
    return (int)atomic_load(&count->value);
}

int count_add(struct count *count, int more)
{
    int value = (int)atomic_fetch_add(&count->value, (uint32_t)more) + more;
    wake(count);
    return value;
}

void count_set(struct count *count, int value)
{
    atomic_store(&count->value, (uint32_t)value);
    wake(count);
}

bool count_reaches(struct count *count, int value, double seconds)
{
    double end = seconds_now() + guard(seconds);
    for (;;) {
        uint32_t now = atomic_load(&count->value);
        if ((int)now >= value)
            return true;
        double left = end - seconds_now();
        if (left <= 0)
            return false;
        sleep_while(count, now, left);
    }
}

bool meeting_of(struct meeting *meeting, int parties, double seconds)
{
    if (count_add(&meeting->arrived, 1) == parties)
        count_set(&meeting->complete, 1);
    return count_reaches(&meeting->complete, 1, seconds);
}
