/*
 * trace.c: see trace.h.
 *
 * Each event is one write() to a file opened with O_APPEND, so lines of different processes
 * don't mix, and what a worker did is in the file even if the worker is killed next.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux.h"

#define PROGRAM_TRACK 0 /* worker n is on track n + 1 */

static void complain(const char *what, const char *file)
{
    fprintf(stderr, "pool: %s trace%s%s: %s\n", what, file != NULL ? " " : "",
            file != NULL ? file : "", strerror(errno));
}

/* A trace that can't be written is abandoned; the pool goes on. */
__attribute__((format(printf, 2, 3))) static void put(struct pool *pool,
                                                      const char *format, ...)
{
    char line[400];
    va_list arguments;
    if (pool->inherited.trace < 0 || atomic_load(&pool->shared->trace_failed))
        return;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        return;
    int saved = errno;
    ssize_t written;
    do
        written = write(pool->inherited.trace, line, (size_t)length);
    while (written < 0 && errno == EINTR);
    if (written != length && !atomic_exchange(&pool->shared->trace_failed, true))
        complain("cannot write the", NULL);
    errno = saved;
}

/* Microseconds, the unit of the format, from nanoseconds. Not with %f: after setlocale() it may
 * write a comma. */
#define US                 "%lld.%03d"
#define IN_US(nanoseconds) (long long)((nanoseconds) / 1000), (int)((nanoseconds) % 1000)

static void name_track(struct pool *pool, int track, const char *name, int number)
{
    put(pool,
        "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":%ld,\"tid\":%d,"
        "\"args\":{\"name\":\"%s%.0d\"}},\n",
        (long)pool->shared->program, track, name, number);
    put(pool,
        "{\"name\":\"thread_sort_index\",\"ph\":\"M\",\"pid\":%ld,\"tid\":%d,"
        "\"args\":{\"sort_index\":%d}},\n",
        (long)pool->shared->program, track, track);
}

/* The file that POOL_TRACE names; for the second pool of a program, the name with ".2". */
static int open_file(const char *name)
{
    static _Atomic int pools; /* traced by this process */
    char numbered[4096];
    int number = atomic_fetch_add(&pools, 1) + 1;
    if (number > 1) {
        int length = snprintf(numbered, sizeof numbered, "%s.%d", name, number);
        if (length < 0 || (size_t)length >= sizeof numbered) {
            errno = ENAMETOOLONG;
            return -1;
        }
        name = numbered;
    }
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    /* The program may have closed 0, 1 and 2: leave these numbers to it. */
    if (file >= 0 && file <= 2) {
        int higher = fcntl(file, F_DUPFD_CLOEXEC, 3);
        close(file);
        file = higher;
    }
    if (file < 0)
        complain("cannot open the", name);
    return file;
}

void trace_open(struct pool *pool)
{
    const char *name = getenv("POOL_TRACE");
    pool->inherited.trace = -1;
    if (name == NULL || *name == '\0')
        return;
    pool->inherited.trace = open_file(name);
    if (pool->inherited.trace < 0)
        return;
    put(pool, "[\n");
    put(pool,
        "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%ld,"
        "\"args\":{\"name\":\"pool of %d\"}},\n",
        (long)pool->shared->program, pool->inherited.workers);
    name_track(pool, PROGRAM_TRACK, "program", 0);
    for (int i = 1; i <= pool->inherited.workers; i++)
        name_track(pool, i, "worker ", i);
}

static const char *name_of(enum task_state end)
{
    switch (end) {
    case TASK_DONE:
        return "done";
    case TASK_STOPPED:
        return "stopped";
    case TASK_EXPIRED:
        return "expired";
    default:
        return "lost";
    }
}

void trace_task(struct pool *pool, unsigned worker, pid_t pid, uint64_t ticket,
                int64_t started, int64_t ended, enum task_state end)
{
    put(pool,
        "{\"name\":\"task %llu\",\"cat\":\"%s\",\"ph\":\"X\",\"ts\":" US ",\"dur\":" US
        ","
        "\"pid\":%ld,\"tid\":%u,\"args\":{\"process\":%ld,\"end\":\"%s\"}},\n",
        (unsigned long long)ticket, name_of(end),
        IN_US(started - pool->inherited.opened_at), IN_US(ended - started),
        (long)pool->shared->program, worker + 1, (long)pid, name_of(end));
}

void trace_wait(struct pool *pool, int64_t started, int64_t ended)
{
    put(pool,
        "{\"name\":\"wait\",\"cat\":\"wait\",\"ph\":\"X\",\"ts\":" US ",\"dur\":" US ","
        "\"pid\":%ld,\"tid\":%d},\n",
        IN_US(started - pool->inherited.opened_at), IN_US(ended - started),
        (long)pool->shared->program, PROGRAM_TRACK);
}

void trace_close(struct pool *pool)
{
    if (pool->inherited.trace < 0)
        return;
    int64_t closed = clock_now() - pool->inherited.opened_at;
    put(pool,
        "{\"name\":\"closed\",\"ph\":\"i\",\"ts\":" US ",\"pid\":%ld,\"tid\":%d,"
        "\"s\":\"p\"}\n]\n",
        IN_US(closed), (long)pool->shared->program, PROGRAM_TRACK);
    close(pool->inherited.trace);
    pool->inherited.trace = -1;
}
