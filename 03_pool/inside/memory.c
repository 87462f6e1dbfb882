/*
 * memory.c: see memory.h and program.h.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "program.h"

static size_t replace_at; /* bytes; 0: never */

/* Not by stdio, which a task may have left locked. */
static int read_text(const char *name, char *text, size_t size)
{
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t length = read(file, text, size - 1);
    close(file);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    return 0;
}

/* What RLIMIT_DATA limits, in KiB. (The field "data" of statm includes the stack.) */
static int read_data(unsigned long *kib)
{
    char text[4000];
    if (read_text("/proc/self/status", text, sizeof text) != 0)
        return -1;
    const char *line = strstr(text, "VmData:");
    return line != NULL && sscanf(line, "VmData: %lu", kib) == 1 ? 0 : -1;
}

int pool_worker_limit_memory(size_t bytes)
{
    unsigned long kib;
    struct rlimit limit;
    if (read_data(&kib) != 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
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

bool memory_is_over(void)
{
    char text[200];
    unsigned long resident, shared; /* pages; see proc(5) */
    if (read_text("/proc/self/statm", text, sizeof text) != 0 ||
        sscanf(text, "%*u %lu %lu", &resident, &shared) != 2 || resident < shared)
        return false;
    size_t own = (size_t)(resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
    return own > replace_at;
}
