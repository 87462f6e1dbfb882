/*
 * faulty.c: a whole life of a pool, for a system where calls fail: see faults.sh.
 *
 * Ends with 0 if all went well, with 3 if something was refused, cleanly; whatever else
 * is wrong ends it with 1.
 */
#include <errno.h>
#include <signal.h>
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

int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    struct holdings before = holdings_now();
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
    if (getenv("MAPPING_MAY_STAY") != NULL)
        before.mappings = holdings_now().mappings;
    check_nothing_left(&before);
    puts(refused ? "" : "worked");
    return refused ? 3 : 0;
}
