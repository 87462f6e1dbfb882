/*
 * faulty.c: a whole life of a pool, for a system where calls fail: see faults.sh.
 *
 * Ends with 0 if all went well, with 3 if something was refused, cleanly; whatever else
 * is wrong ends it with 1.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "siege.h"

#define TRIVIAL 6
/* One that nobody's system call failing can delay for long. */
#define SOON 8

static bool refused;

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static int linger(void *argument, void *result)
{
    (void)argument, (void)result;
    while (pause() != 0)
        continue;
    return 0;
}

static int die(void *argument, void *result)
{
    (void)argument, (void)result;
    raise(SIGKILL);
    return 0;
}

static void nothing(void *argument)
{
    (void)argument;
}

static void note(const char *what)
{
    printf("%s: %s; ", what, strerror(errno));
    refused = true;
}

static struct future *submit(struct pool *pool, double limit, future_function *work,
                             int x)
{
    struct future *future =
        future_submit_limited(pool, limit, work, &x, sizeof x, sizeof x);
    if (future == NULL)
        note("submit");
    return future;
}

/* It ends like this, or the pool is broken. */
static void expect(struct future *future, enum future_status expected, int result)
{
    int value = -1;
    if (future == NULL)
        return;
    enum future_status status = future_result(future, SOON, &value);
    if (status == FUTURE_BROKEN) {
        errno = EOWNERDEAD;
        note("wait");
        return;
    }
    CHECK(status == expected, "%s instead of %s: %s", future_status_name(status),
          future_status_name(expected), future_error(future));
    CHECK(status != FUTURE_OK || value == result, "%d instead of %d", value, result);
}

static void live(struct pool *pool)
{
    struct future *future[TRIVIAL];
    for (int i = 0; i < TRIVIAL; i++)
        future[i] = submit(pool, 0, square, i);
    for (int i = 0; i < TRIVIAL; i++)
        expect(future[i], FUTURE_OK, i * i);
    struct future *limited = submit(pool, 0.02, linger, 0);
    expect(limited, FUTURE_EXPIRED, 0);
    expect(submit(pool, 0, die, 0), FUTURE_LOST, 0);
    struct future *stopped = submit(pool, 0, linger, 0);
    if (stopped != NULL) {
        while (!future_running(stopped) && !future_done(stopped))
            sleep_for(0.001);
        if (!future_stop(stopped) && future_status(stopped) != FUTURE_BROKEN)
            note("stop");
        else
            expect(stopped, FUTURE_STOPPED, 0);
    }
    for (int i = 0; i < TRIVIAL; i++)
        if (pool_submit(pool, nothing, NULL, 0) != 0)
            note("pool_submit");
    expect(submit(pool, 0, square, 7), FUTURE_OK, 49);
    if (stopped != NULL && !future_done(stopped))
        kill(pool_worker(pool, 0), SIGKILL), kill(pool_worker(pool, 1), SIGKILL);
}

/* Between the life and us, who are not traced. */
static struct {
    _Atomic bool ready, begin, ended, end;
} * desk;

static void wait_for(_Atomic bool *flag)
{
    while (!atomic_load(flag))
        sleep_for(0.0002);
}

static void whole_life(void *unused)
{
    (void)unused;
    /* What the C library does only once, like telling those who wait for a pthread_once(),
     * it does not expect to fail. */
    CHECK(pool_close(pool_open(1)) == 0, "the pool does not even work without faults");
    atomic_store(&desk->ready, true);
    wait_for(&desk->begin);
    struct pool *pool = pool_open(2);
    if (pool == NULL) {
        note("pool_open");
    } else {
        watchdog(15, pool);
        live(pool);
        int lost = pool_close(pool);
        watchdog(0, NULL);
        if (lost == -1)
            note("pool_close");
        else
            CHECK(lost == 0, "%d tasks are lost", lost);
    }
    atomic_store(&desk->ended, true);
    wait_for(&desk->end);
    fflush(NULL);
    _exit(refused ? 3 : 0);
}

/* Have strace attached, with the options that were given. */
static void attach(char **options, pid_t pid)
{
    char number[20],
        *arguments[32] = {"strace", "-qq", "-f", "-o", "/dev/null", "-p", number};
    size_t count = 7;
    snprintf(number, sizeof number, "%ld", (long)pid);
    while (*options != NULL && count < 31)
        arguments[count++] = *options++;
    pid_t strace = fork();
    if (strace == 0) {
        execvp("strace", arguments);
        _exit(127);
    }
    while (!is_traced(pid)) {
        CHECK(waitpid(strace, NULL, WNOHANG) == 0, "strace does not run");
        sleep_for(0.0005);
    }
}

/* What is there when the life is over, and the pool closed, against what was before. */
static void compare(const struct holdings *before, pid_t child)
{
    struct holdings now = holdings_of(child);
    CHECK(now.descriptors == before->descriptors, "descriptors: %d, then %d",
          before->descriptors, now.descriptors);
    CHECK(now.mappings == before->mappings || getenv("MAPPING_MAY_STAY") != NULL,
          "shared mappings: %d, then %d", before->mappings, now.mappings);
    CHECK(!has_children(child), "it has children");
}

int main(int argc, char **argv)
{
    (void)argc;
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    desk = share(sizeof *desk);
    pid_t child = start_apart(whole_life, NULL);
    wait_for(&desk->ready);
    struct holdings before = holdings_of(child);
    if (argv[1] != NULL)
        attach(argv + 1, child);
    atomic_store(&desk->begin, true);
    while (!atomic_load(&desk->ended) && process_state(child) != 'Z')
        sleep_for(0.0005);
    if (atomic_load(&desk->ended))
        compare(&before, child);
    atomic_store(&desk->end, true);
    int status = end_apart(child, 20);
    CHECK(WIFEXITED(status), "it was killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}
