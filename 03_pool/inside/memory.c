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

#include "program.h"

static size_t replace_at; /* bytes; 0: never */

/* /proc/self/statm, in pages: size resident shared text library data; see proc(5). */
struct statm {
    unsigned long size, resident, shared, text, library, data;
};

/* Not by stdio, which a task may have left locked. */
static int read_statm(struct statm *statm)
{
    char text[200];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    int got = sscanf(text, "%lu %lu %lu %lu %lu %lu", &statm->size, &statm->resident,
                     &statm->shared, &statm->text, &statm->library, &statm->data);
    return got == 6 ? 0 : -1;
}

int pool_worker_limit_memory(size_t bytes)
{
    struct statm statm;
    struct rlimit limit;
    if (read_statm(&statm) != 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
        return -1;
    rlim_t most = (rlim_t)statm.data * (rlim_t)sysconf(_SC_PAGESIZE);
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
    struct statm statm;
    if (read_statm(&statm) != 0 || statm.resident < statm.shared)
        return false;
    size_t own = (size_t)(statm.resident - statm.shared) * (size_t)sysconf(_SC_PAGESIZE);
    return own > replace_at;
}
