/*
 * trace.c: see trace.h.
 *
 * Each event is one write() to a file opened with O_APPEND, so lines of different processes don't
 * mix, and what a worker did is in the file even if the worker is killed next. (Only if that write
 * was cut short, by a full disk for example, is there a second one.)
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cancel_state.h"
#include "linux_descriptor.h"
#include "monotonic.h"
#include "process.h"

#define PROGRAM_TRACK 0 /* worker n is on track n + 1 */
/* So long, in nanoseconds, a worker waits for the reader of a pipe. */
#define PATIENCE INT64_C(3000000000)

/* If a pipe is full and its reader does not read, write() fails with EAGAIN. */
static bool write_whole(int file, const char *line, size_t length, int64_t deadline)
{
    struct pollfd room = {.fd = file, .events = POLLOUT};
    while (length > 0) {
        ssize_t written = write(file, line, length);
        if (written >= 0) {
            line += written;
            length -= (size_t)written;
        } else if (errno != EINTR) {
            int64_t left = deadline - clock_now();
            if (errno != EAGAIN || left <= 0)
                return false;
            poll(&room, 1, (int)(left / 1000000) + 1);
        }
    }
    return true;
}

/* write() raises SIGPIPE if the reader has closed the pipe, and SIGXFSZ if the file would exceed
 * RLIMIT_FSIZE. The program must not notice. So both are blocked here and, unless they were pending
 * before, taken off again. */
static bool write_quietly(int file, const char *line, size_t length, int64_t deadline)
{
    sigset_t raised, before, pending;
    sigemptyset(&raised);
    sigaddset(&raised, SIGPIPE);
    sigaddset(&raised, SIGXFSZ);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &raised, &before);
    bool whole = write_whole(file, line, length, deadline);
    int saved = errno;
    if (sigismember(&pending, SIGPIPE))
        sigdelset(&raised, SIGPIPE);
    if (sigismember(&pending, SIGXFSZ))
        sigdelset(&raised, SIGXFSZ);
    if (!whole)
        sigtimedwait(&raised, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return whole;
}

static void complain(const char *what, const char *file)
{
    char line[4200];
    int length =
        snprintf(line, sizeof line, "pool: %s trace%s%s: %s\n", what,
                 file != NULL ? " " : "", file != NULL ? file : "", strerror(errno));
    if (length > 0 && (size_t)length < sizeof line)
        write_quietly(STDERR_FILENO, line, (size_t)length, 0);
}

/* The program, or a task, may have closed the descriptor, and may use its number. */
static bool file_is_ours(const struct inherited *inherited)
{
    struct stat status;
    return inherited->trace >= 0 && fstat(inherited->trace, &status) == 0 &&
           status.st_dev == inherited->trace_device &&
           status.st_ino == inherited->trace_inode;
}

static bool in_program(const struct pool *pool)
{
    return pool->generation == process_number();
}

/* The program's waits have a deadline, and the foreman has tasks to end: neither waits for the
 * reader of a pipe. */
static int64_t patience(const struct pool *pool)
{
    bool worker = !in_program(pool) && getpid() != pool->inherited.foreman;
    return worker ? clock_now() + PATIENCE : 0;
}

static void abandon(struct pool *pool)
{
    if (!atomic_exchange(&pool->shared->trace_failed, true))
        complain("cannot write the", NULL);
}

static void put_line(struct pool *pool, const char *line, size_t length)
{
    if (!file_is_ours(&pool->inherited)) {
        errno = EBADF;
        if (in_program(pool)) /* if a task has closed it, other workers go on */
            abandon(pool);
        return;
    }
    int64_t deadline = patience(pool);
    if (!write_quietly(pool->inherited.trace, line, length, deadline) &&
        (errno != EAGAIN || deadline != 0))
        abandon(pool);
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
    int saved = errno, cancel_state = cancel_state_disable();
    put_line(pool, line, (size_t)length);
    cancel_state_restore(cancel_state);
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

/*
 * Which names this process writes to: FILE, FILE.2 and so on if it has the lock of FILE, which it
 * keeps to its end. If not, another program that traces is at work, or a parent of this process;
 * then FILE.PID, FILE.PID.2 and so on, of which none is overwritten.
 */
static struct {
    pid_t process; /* the process that the rest is about */
    bool locked;
    int pools;
} names;

/* Threads may open pools at the same time. If a thread of the parent held the lock at the fork, the
 * child finds it unlocked: forget_parents_lock(). */
static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;

static void forget_parents_lock(void)
{
    static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
    names_lock = unlocked;
}

static void register_handler(void)
{
    pthread_atfork(NULL, NULL, forget_parents_lock);
}

/* Lock the file of the trace. False: another process has it. True also for anything but a regular
 * file, and for a file that can't be opened. */
static bool lock(const char *name)
{
    struct stat status;
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode))
        return true;
    int file = descriptor_above_2(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (file < 0 || lock_file(file))
        return true; /* the descriptor remains open, and with it the lock */
    close(file);
    return false;
}

static bool next_name(char *buffer, size_t size, const char *name)
{
    int number = ++names.pools, length;
    if (names.locked)
        length = snprintf(buffer, size, number > 1 ? "%s.%d" : "%s", name, number);
    else
        length = snprintf(buffer, size, number > 1 ? "%s.%ld.%d" : "%s.%ld", name,
                          (long)names.process, number);
    return length >= 0 && (size_t)length < size;
}

/* Open the file of the next pool. If it is a pipe, never wait for a reader (O_NONBLOCK). */
static int open_file(const char *name)
{
    char numbered[4096];
    int file;
    if (names.process != getpid()) {
        bool first = names.process == 0; /* no parent of this process has traced */
        names.locked = first && lock(name);
        names.process = getpid();
        names.pools = 0;
    }
    do {
        if (!next_name(numbered, sizeof numbered, name)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        file = open(numbered,
                    O_WRONLY | O_CREAT | (names.locked ? O_TRUNC : O_EXCL) | O_APPEND |
                        O_NONBLOCK | O_CLOEXEC,
                    0666);
    } while (file < 0 && errno == EEXIST && !names.locked);
    file = descriptor_above_2(file);
    if (file < 0)
        complain("cannot open the", numbered);
    return file;
}

void trace_open(struct pool *pool)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *name = getenv("POOL_TRACE");
    pool->inherited.trace = -1;
    if (name == NULL || *name == '\0')
        return;
    pthread_once(&once, register_handler);
    pthread_mutex_lock(&names_lock);
    pool->inherited.trace = open_file(name);
    pthread_mutex_unlock(&names_lock);
    struct stat status;
    if (pool->inherited.trace < 0)
        return;
    if (fstat(pool->inherited.trace, &status) != 0) {
        complain("cannot write the", NULL);
        close(pool->inherited.trace);
        pool->inherited.trace = -1;
        return;
    }
    pool->inherited.trace_device = status.st_dev;
    pool->inherited.trace_inode = status.st_ino;
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
    if (file_is_ours(&pool->inherited))
        close(pool->inherited.trace);
    pool->inherited.trace = -1;
}
