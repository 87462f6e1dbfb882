/*
 * limits.c: a pool on a system that is short of something. Calls that need more than the system
 * can give fail with an error; everything else works.
 *
 *     build/tests/stress/limits           the cases that take a second
 *     build/tests/stress/limits --all     also a thousand workers, ten seconds without fork(), ...
 *
 * Limits on users and control groups need root. NO_LIMITS=1 in the environment leaves out the
 * limits on memory, under which the sanitizers do not work.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "smoke.h"
#include "stress.h"

#define GIB ((size_t)1 << 30)
#define OTHER_USER                                                                       \
    ((uid_t)(100000 + getppid() % 100000)) /* a user with no other processes */

/* A macro: the type of the resource differs between C libraries. */
#define LIMIT(resource, value)                                                           \
    CHECK(setrlimit(resource, &(struct rlimit){value, value}) == 0, "setrlimit")

/* Use a pool, and exit with status 0 if everything worked, 3 if some call failed with an error. */
static _Noreturn void live_a_life(int workers)
{
    struct pool *pool = pool_open(workers);
    if (pool != NULL)
        smoke_and_close(pool);
    else
        note_refusal("pool_open");
    fflush(NULL);
    _exit(was_refused() ? 3 : 0);
}

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static void expect_square(struct pool *pool, int x)
{
    int result = 0;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof result);
    CHECK(future != NULL, "future_submit");
    CHECK(future_result(future, guard(20), &result) == FUTURE_OK && result == x * x,
          "square");
    CHECK(future_free(future) == 0, "future_free");
}

static void rest(void *argument)
{
    sleep_for(*(double *)argument);
}

static int fill(void *argument, void *result)
{
    memset(result, 1, *(size_t *)argument);
    return 0;
}

/* ---- Each of these in a process of its own; the argument is a number -----------------
 */

static void descriptors(void *most)
{
    LIMIT(RLIMIT_NOFILE, *(rlim_t *)most);
    live_a_life(2);
}

static void descriptors_traced(void *most)
{
    setenv("POOL_TRACE", "/dev/null", 1);
    descriptors(most);
}

static void trace_full(void *unused)
{
    (void)unused;
    setenv("POOL_TRACE", "/dev/full", 1);
    live_a_life(2);
}

static void trace_nowhere(void *unused)
{
    (void)unused;
    setenv("POOL_TRACE", "/nonexistent/trace", 1);
    live_a_life(2);
}

static void address_space(void *most)
{
    LIMIT(RLIMIT_AS, *(rlim_t *)most);
    live_a_life(2);
}

static void nothing(void *argument)
{
    (void)argument;
}

/* A limit on a process's own memory: it counts the stack of a worker, and not what is shared. */
static void data(void *most)
{
    size_t size = GIB / 16;
    LIMIT(RLIMIT_STACK, 8 << 20);
    LIMIT(RLIMIT_DATA, *(rlim_t *)most);
    struct pool *pool = pool_open(2);
    if (pool != NULL) {
        struct future *future = future_submit(pool, fill, &size, sizeof size, size);
        CHECK(future_result(future, guard(20), NULL) == FUTURE_OK, "a result of 64 MiB");
        CHECK(pool_close(pool) == 0, "pool_close");
    }
    live_a_life(2);
}

/* The C library's heap is limited, so the pool's lists of tasks, which are there, can't grow. */
static void heap(void *unused)
{
    (void)unused;
    double nap = 0.3;
    int refused = 0;
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    watchdog(15, pool);
    LIMIT(RLIMIT_DATA, 1 << 20);
    for (int i = 0; i < 2; i++)
        CHECK(pool_submit(pool, rest, &nap, sizeof nap) == 0, "pool_submit");
    for (int i = 0; i < 200000; i++)
        if (pool_submit(pool, nothing, NULL, 0) != 0) {
            CHECK(errno == ENOMEM, "pool_submit");
            refused++;
        }
    expect_square(pool, 5);
    CHECK(pool_close(pool) == 0, "pool_close");
    _exit(refused > 0 ? 3 : 0);
}

static void too_large(void *unused)
{
    (void)unused;
    size_t size = GIB;
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 2, .memory = GIB / 4});
    CHECK(pool != NULL, "pool_open_with");
    CHECK_FAILS(future_submit(pool, fill, &size, sizeof size, size) == NULL, ENOMEM);
    expect_square(pool, 7);
    smoke_and_close(pool);
    _exit(3);
}

static void become_other_user(void)
{
    CHECK(setgid(OTHER_USER) == 0 && setuid(OTHER_USER) == 0, "setuid");
}

static void processes(void *most)
{
    become_other_user();
    LIMIT(RLIMIT_NPROC, *(rlim_t *)most);
    live_a_life(4);
}

/* The workers die, and fork() fails for the foreman. */
static void fork_fails(void *seconds)
{
    double pause = *(double *)seconds;
    become_other_user();
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    watchdog(20, pool);
    pid_t foreman = pool_foreman(pool);
    struct rlimit none = {.rlim_cur = 1, .rlim_max = 1000}, many = {1000, 1000};
    CHECK(prlimit(foreman, RLIMIT_NPROC, &none, NULL) == 0, "prlimit");
    for (int i = 0; i < 2; i++)
        kill(pool_worker(pool, i), SIGKILL);
    int x = 4;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(future != NULL, "future_submit");
    enum future_status status =
        future_result(future, pause < 10 ? pause : guard(pause), NULL);
    if (pause < 10) {
        CHECK(status == FUTURE_TIMEOUT, "it is %s", future_status_name(status));
        CHECK(prlimit(foreman, RLIMIT_NPROC, &many, NULL) == 0, "prlimit");
        expect_square(pool, 6);
        smoke_and_close(pool);
        _exit(0);
    }
    CHECK(status == FUTURE_BROKEN, "it is %s", future_status_name(status));
    CHECK(strstr(pool_broken(pool), "no worker could be forked") != NULL, "why?");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    _exit(3);
}

static struct meeting *meeting;

static int gather(void *argument, void *result)
{
    (void)argument, (void)result;
    return meeting_of(meeting, 1000, 25) ? 0 : 1;
}

/* All workers run a task at the same time: each task waits until the last one has begun. */
static void a_thousand_workers(void *unused)
{
    (void)unused;
    static struct future *futures[1000];
    meeting = share(sizeof *meeting);
    struct pool *pool = pool_open(1000);
    CHECK(pool != NULL, "pool_open");
    watchdog(60, pool);
    for (int i = 0; i < 1000; i++)
        CHECK((futures[i] = future_submit(pool, gather, NULL, 0, 0)) != NULL, "submit");
    for (int i = 0; i < 1000; i++)
        CHECK(future_result(futures[i], guard(30), NULL) == FUTURE_OK,
              "waited for 1000 tasks to run at a time: %d did",
              count_now(&meeting->arrived));
    smoke_and_close(pool);
    _exit(0);
}

/* A control group of this run. */
static char group[64];
static const char *in_group(const char *file)
{
    static char name[128];
    snprintf(name, sizeof name, "%s/%s", group, file);
    return name;
}

static bool write_file(const char *name, const char *text)
{
    int file = open(name, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

/* The results take more memory than the control group has: the kernel must kill the workers that
 * write them, and no other process. */
static void out_of_memory(void *unused)
{
    (void)unused;
    size_t size = GIB;
    struct future *future[4];
    CHECK(write_file(in_group("cgroup.procs"), "0"), "cannot enter the group");
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    watchdog(30, pool);
    for (int i = 0; i < 4; i++) {
        future[i] = future_submit(pool, fill, &size, sizeof size, size);
        CHECK(future[i] != NULL, "future_submit");
    }
    expect_square(pool, 3);
    for (int i = 0; i < 4; i++)
        CHECK(future_result(future[i], guard(20), NULL) == FUTURE_LOST &&
                  future_worker_status(future[i]) == SIGKILL,
              "result %d: %s", i, future_status_name(future_status(future[i])));
    expect_square(pool, 4);
    smoke_and_close(pool);
    _exit(3);
}

static bool make_group(void)
{
    char size[32];
    snprintf(size, sizeof size, "%zu", GIB / 4);
    snprintf(group, sizeof group, "/sys/fs/cgroup/memory/pool-stress-%ld",
             (long)getpid());
    return mkdir(group, 0755) == 0 && write_file(in_group("memory.limit_in_bytes"), size);
}

/* ---- The table ----------------------------------------------------------------------
 */

enum expected {
    WORKS,
    REFUSED,
    EITHER
};

static int failed;

static void expect(const char *what, void (*body)(void *), void *argument,
                   enum expected expected)
{
    double start = seconds_now();
    snprintf(check_context, sizeof check_context, "%s", what);
    printf("%-34s ", what);
    int status = run_apart(body, argument, 90);
    bool good = status == 0 ? expected != REFUSED : status == 3 << 8 && expected != WORKS;
    printf("%s%s, %.2f s\n", status == 0 ? "worked" : "",
           status == 3 << 8 ? "refused"
           : status != 0    ? "WRONG"
                            : "",
           seconds_now() - start);
    failed += !good;
}

static void expect_each(const char *what, void (*body)(void *), const rlim_t *values,
                        enum expected expected)
{
    char line[64];
    for (; *values != 0; values++) {
        snprintf(line, sizeof line, "%s %llu", what, (unsigned long long)*values);
        expect(line, body, (void *)(uintptr_t)values, expected);
    }
}

static void limit_users(bool all)
{
    if (geteuid() != 0) {
        printf("(not root: processes are not limited)\n");
        return;
    }
    expect_each("processes", processes, (rlim_t[]){1, 2, 3, 4, 5, 0}, REFUSED);
    expect_each("processes", processes, (rlim_t[]){6, 7, 20, 0}, WORKS);
    expect("fork() fails for 0.3 s", fork_fails, &(double){0.3}, WORKS);
    if (!all)
        return;
    expect("fork() fails for 10 s", fork_fails, &(double){15}, REFUSED);
    if (make_group())
        expect("memory for 4 results of 1 GiB", out_of_memory, NULL, REFUSED);
    else
        printf("(no control over groups: memory is not limited)\n");
    rmdir(group);
}

static void limit_memory(void)
{
    rlim_t mib = 1 << 20;
    expect_each("address space", address_space,
                (rlim_t[]){8 * mib, 16 * mib, 32 * mib, 64 * mib, 0}, EITHER);
    expect_each("address space", address_space,
                (rlim_t[]){256 * mib, 1024 * mib, 8192 * mib, 0}, WORKS);
    expect_each("data", data, (rlim_t[]){1 * mib, 0}, REFUSED);
    expect_each("data", data, (rlim_t[]){16 * mib, 64 * mib, 0}, WORKS);
    expect("heap", heap, NULL, REFUSED);
}

int main(int argc, char **argv)
{
    bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    expect_each("descriptors", descriptors, (rlim_t[]){3, 4, 5, 10, 0}, WORKS);
    expect_each("descriptors, traced", descriptors_traced, (rlim_t[]){3, 4, 5, 10, 0},
                WORKS);
    expect("trace on a full disk", trace_full, NULL, WORKS);
    expect("trace nowhere", trace_nowhere, NULL, WORKS);
    expect("a result of 1 GiB in 256 MiB", too_large, NULL, REFUSED);
    if (getenv("NO_LIMITS") == NULL)
        limit_memory();
    limit_users(all);
    if (all)
        expect("1000 workers", a_thousand_workers, NULL, WORKS);
    printf("%d wrong\n", failed);
    return failed != 0;
}
