/*
 * memory.c: see memory.h and program.h.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "linux_proc.h"
#include "program.h"

static size_t replace_at; /* bytes; 0: never */

int pool_worker_limit_memory(size_t bytes)
{
    struct rlimit limit;
    /* What the limit counts. (The field "data" of statm includes the stack.) */
    long long kib = proc_number("VmData:", "/proc/self/status");
    if (kib < 0)
        errno = ENOTSUP;
    if (kib < 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
        return -1;
    rlim_t most = (rlim_t)kib * 1024;
    most = bytes < RLIM_INFINITY - most ? most + bytes : RLIM_INFINITY;
    if (limit.rlim_max != RLIM_INFINITY && most > limit.rlim_max)
        most = limit.rlim_max;
    limit.rlim_cur = most;
    return setrlimit(RLIMIT_DATA, &limit);
}

int pool_worker_die_first(void)
{
    static const char most[] = "1000";
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t written = write(file, most, sizeof most - 1);
    int saved = errno;
    close(file);
    errno = saved;
    return written == (ssize_t)sizeof most - 1 ? 0 : -1;
}

void pool_worker_replace_at(size_t bytes)
{
    replace_at = bytes;
}

bool memory_is_weighed(void)
{
    return replace_at != 0;
}

/* Not by stdio, which a task may have left locked. */
static bool read_statm(unsigned long *resident, unsigned long *shared)
{
    char text[200];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return sscanf(text, "%*u %lu %lu", resident, shared) == 2;
}

bool memory_is_over(void)
{
    unsigned long resident, shared; /* pages; see proc(5) */
    if (!read_statm(&resident, &shared) || resident < shared)
        return false;
    size_t own = (size_t)(resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
    return own > replace_at;
}
