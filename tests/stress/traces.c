/*
 * traces.c: where traces go, and what a trace that can't be written costs the program: nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "program.h"
#include "stress.h"

#define SOON 10

static char directory[] = "/tmp/trace-XXXXXX";

static void open_and_close(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    if (pool == NULL || pool_close(pool) != 0)
        _exit(9);
}

/* Count the complete traces, and remove all traces. */
static int traces(void)
{
    char command[200], line[100];
    int whole = -1;
    snprintf(command, sizeof command,
             "cd %s && for f in *; do [ \"$(tail -n 1 $f)\" = ']' ] && [ \"$(grep -c "
             "'\"closed\"' $f)\" = 1 ] && echo .; done | wc -l; rm -rf %s",
             directory, directory);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): the name is ours */
    CHECK(pipe != NULL && fgets(line, sizeof line, pipe) != NULL, "popen");
    whole = atoi(line);
    pclose(pipe);
    return whole;
}

static void trace_here(void)
{
    char name[100];
    CHECK(mkdtemp(directory) != NULL, "mkdtemp");
    snprintf(name, sizeof name, "%s/trace", directory);
    setenv("POOL_TRACE", name, 1);
}

static void traces_of_pools_in_tasks(void *unused)
{
    (void)unused;
    trace_here();
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    for (int i = 0; i < 5; i++)
        CHECK(pool_submit(pool, open_and_close, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close");
    open_and_close(NULL);
    int whole = traces();
    CHECK(whole == 7, "%d whole traces of 7 pools", whole);
}

/* The second program is a child, forked before this one has opened a trace. */
static void traces_of_two_programs(void *unused)
{
    (void)unused;
    struct count *opened = share(sizeof *opened), *done = share(sizeof *done);
    trace_here();
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        CHECK(count_reaches(opened, 1, SOON), "the first pool");
        open_and_close(NULL);
        open_and_close(NULL);
        count_set(done, 1);
        _exit(0);
    }
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL && pool_close(pool) == 0, "pool_open");
    count_set(opened, 1); /* its pool is closed now, but it may open another */
    CHECK(count_reaches(done, 1, SOON), "the second program");
    open_and_close(NULL);
    CHECK(waitpid(child, NULL, 0) == child, "waitpid");
    int whole = traces();
    CHECK(whole == 4, "%d whole traces of 4 pools", whole);
}

static volatile sig_atomic_t raised;

static void count_signal(int number)
{
    (void)number;
    raised = raised + 1;
}

static void trace_into_a_closed_fifo(void *unused)
{
    (void)unused;
    char name[100];
    CHECK(mkdtemp(directory) != NULL, "mkdtemp");
    snprintf(name, sizeof name, "%s/fifo", directory);
    CHECK(mkfifo(name, 0600) == 0, "mkfifo");
    setenv("POOL_TRACE", name, 1);
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        open_and_close(NULL); /* no process reads the FIFO */
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "with no reader");
    int reader = open(name, O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0, "open");
    signal(SIGPIPE, count_signal);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    close(reader);
    CHECK(pool_submit(pool, open_and_close, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close: a task was lost");
    CHECK(raised == 0, "the program was sent SIGPIPE");
    unlink(name);
    traces();
}

static void nothing(void *unused)
{
    (void)unused;
}

/* A limit for files ends in the middle of a line of the trace: for the program, and a worker. */
static void trace_beyond_a_limit(void *unused)
{
    (void)unused;
    struct rlimit before, most;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0, "getrlimit");
    most = (struct rlimit){1000, before.rlim_max};
    trace_here();
    signal(SIGXFSZ, count_signal);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    CHECK(setrlimit(RLIMIT_FSIZE, &most) == 0, "setrlimit");
    CHECK(prlimit(pool_worker(pool, 0), RLIMIT_FSIZE, &most, NULL) == 0, "prlimit");
    for (int i = 0; i < 20; i++)
        CHECK(pool_submit(pool, nothing, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close: a task was lost");
    CHECK(raised == 0, "the program was sent SIGXFSZ");
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0, "setrlimit");
    open_and_close(NULL);
    CHECK(traces() == 1, "the second trace is whole");
}

/* The FIFO is open, and nobody reads. */
static void trace_into_a_full_fifo(void *unused)
{
    (void)unused;
    enum {
        TASKS = 1000 /* a pipe holds 64 KiB: some 400 lines */
    };
    char name[100];
    CHECK(mkdtemp(directory) != NULL, "mkdtemp");
    snprintf(name, sizeof name, "%s/fifo", directory);
    CHECK(mkfifo(name, 0600) == 0, "mkfifo");
    int reader = open(name, O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0, "open");
    setenv("POOL_TRACE", name, 1);
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    for (int i = 0; i < TASKS; i++)
        CHECK(pool_submit(pool, nothing, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close_within(pool, guard(6 * SOON), POOL_RUN_ALL) == 0,
          "pool_close_within");
    close(reader);
    unlink(name);
    traces();
}

/* A file of the user's has the number that the trace's had. */
static void take_the_number(void *argument)
{
    char *name = argument;
    for (int i = 3; i < 100; i++)
        close(i);
    for (int i = 3; i < 20; i++)
        CHECK(open(name, O_WRONLY | O_CREAT | O_APPEND, 0600) >= 0, "open");
}

static void size_is_0(void *argument)
{
    struct stat status;
    CHECK(stat(argument, &status) == 0 && status.st_size == 0,
          "%ld bytes of the trace in a file of the user's", (long)status.st_size);
}

static void trace_not_in_another_file(void *unused)
{
    (void)unused;
    char name[] = "/tmp/user-XXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0, "mkstemp");
    trace_here();
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    CHECK(pool_submit(pool, take_the_number, name, sizeof name) == 0, "pool_submit");
    for (int i = 0; i < 3; i++)
        CHECK(pool_submit(pool, size_is_0, name, sizeof name) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "in the worker");
    CHECK((pool = pool_open(1)) != NULL, "pool_open");
    take_the_number(name);
    CHECK(pool_close(pool) == 0, "pool_close");
    size_is_0(name);
    for (int i = 3; i < 20; i++)
        CHECK(fcntl(i, F_GETFD) >= 0,
              "the pool closed descriptor %d, a file of the user's", i);
    unlink(name);
    traces();
}

/* The line about a trace that failed can't be written either. */
static void complaint_into_a_closed_pipe(void *unused)
{
    (void)unused;
    int ends[2], errors = dup(STDERR_FILENO);
    CHECK(errors >= 0 && pipe(ends) == 0, "pipe");
    CHECK(put_at(STDERR_FILENO, ends[1]) >= 0, "put_at");
    close(ends[0]);
    close(ends[1]);
    signal(SIGPIPE, count_signal);
    setenv("POOL_TRACE", "/dev/full", 1);
    open_and_close(NULL);
    setenv("POOL_TRACE", "/nonexistent/trace", 1);
    open_and_close(NULL);
    CHECK(put_at(STDERR_FILENO, errors) >= 0, "put_at");
    close(errors);
    CHECK(raised == 0, "the program was sent SIGPIPE");
}

static const struct stress_case cases[] = {
    {"traces_of_pools_in_tasks", traces_of_pools_in_tasks},
    {"traces_of_two_programs", traces_of_two_programs},
    {"trace_into_a_closed_fifo", trace_into_a_closed_fifo},
    {"trace_into_a_full_fifo", trace_into_a_full_fifo},
    {"trace_beyond_a_limit", trace_beyond_a_limit},
    {"trace_not_in_another_file", trace_not_in_another_file},
    {"complaint_into_a_closed_pipe", complaint_into_a_closed_pipe},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
