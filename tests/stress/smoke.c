/*
 * smoke.c: see smoke.h.
 */
#include "smoke.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "stress.h"

#define TRIVIAL 6
#define SOON    8 /* seconds; a call that fails once delays no task for as long as this */

static bool refused;

bool was_refused(void)
{
    return refused;
}

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

void note_refusal(const char *what)
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
        note_refusal("submit");
    return future;
}

/* The task must end as expected, unless the pool is broken. */
static void expect(struct future *future, enum future_status expected, int result)
{
    int value = -1;
    if (future == NULL)
        return;
    enum future_status status = future_result(future, guard(SOON), &value);
    if (status == FUTURE_BROKEN) {
        errno = EOWNERDEAD;
        note_refusal("wait");
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
            note_refusal("stop");
        else
            expect(stopped, FUTURE_STOPPED, 0);
    }
    for (int i = 0; i < TRIVIAL; i++)
        if (pool_submit(pool, nothing, NULL, 0) != 0)
            note_refusal("pool_submit");
    expect(submit(pool, 0, square, 7), FUTURE_OK, 49);
    if (stopped != NULL && !future_done(stopped))
        for (int i = 0; i < pool_workers(pool); i++)
            kill(pool_worker(pool, i), SIGKILL);
}

void smoke_and_close(struct pool *pool)
{
    watchdog(15, pool);
    live(pool);
    int lost = pool_close(pool);
    watchdog(0, NULL);
    if (lost == -1)
        note_refusal("pool_close");
    else
        CHECK(lost == 0, "%d tasks are lost", lost);
}
