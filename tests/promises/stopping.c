/*
 * Promise 10: a waiting task can be cancelled, a running one can be stopped, and one that runs
 * longer than its limit is stopped; each time no other task is affected.
 */
#include "promise.h"

static struct count *started;

static int sleep_long(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(started, 1);
    while (pause() != 0)
        continue;
    return 0;
}

static void check_cancel_and_stop(void)
{
    int x = 5, result;
    count_set(started, 0);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    struct future *runs = future_submit(pool, sleep_long, NULL, 0, 0);
    struct future *waits = future_submit(pool, sleep_long, NULL, 0, 0);
    struct future *last = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(runs != NULL && waits != NULL && last != NULL);
    CHECK(count_reaches(started, 1, SOON), "waited for a task to start");
    CHECK(future_running(runs) && !future_done(runs));
    CHECK(!future_running(waits) && !future_done(waits));
    CHECK(!future_cancel(runs));
    CHECK(future_cancel(waits) && future_cancelled(waits) && future_done(waits));
    CHECK(future_result(waits, POOL_FOREVER, NULL) == FUTURE_CANCELLED);
    CHECK(!future_done(last));
    CHECK(future_stop(runs));
    CHECK(future_result(runs, guard(10), NULL) == FUTURE_STOPPED);
    CHECK(future_result(last, guard(10), &result) == FUTURE_OK && result == 25);
    CHECK(!future_stop(last) && !future_cancel(last));
    CHECK(count_now(started) == 1);
    CHECK(pool_close(pool) == 0);
}

/* Stop tasks that are about to end by themselves: the tasks that their workers run next must not
 * be stopped. */
static void check_close_races(void)
{
    int stopped = 0;
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    for (int i = 0; i < 2000; i++) {
        int result = -1;
        struct future *victim = future_submit(pool, square, &i, sizeof i, sizeof i);
        struct future *neighbour = future_submit(pool, square, &i, sizeof i, sizeof i);
        CHECK(victim != NULL && neighbour != NULL);
        for (int spin = 0; spin < i % 64; spin++)
            future_done(victim);
        bool said = future_stop(victim);
        enum future_status status = future_result(victim, guard(10), &result);
        CHECK(status ==
              (said ? (status == FUTURE_CANCELLED ? FUTURE_CANCELLED : FUTURE_STOPPED)
                    : FUTURE_OK));
        stopped += said;
        CHECK(future_result(neighbour, guard(10), &result) == FUTURE_OK &&
              result == i * i);
        CHECK(future_free(victim) == 0 && future_free(neighbour) == 0);
    }
    CHECK(stopped > 0);
    CHECK(pool_close(pool) == 0);
}

static void check_limit(void)
{
    struct future *futures[6];
    int x = 4, result;
    struct pool *pool = pool_open(3);
    CHECK(pool != NULL);
    double start = seconds_now();
    for (int i = 0; i < 6; i++)
        futures[i] =
            i % 2 == 0
                ? future_submit_limited(pool, 0.2 + 0.05 * i, sleep_long, NULL, 0, 0)
                : future_submit_limited(pool, guard(5), square, &x, sizeof x, sizeof x);
    for (int i = 0; i < 6; i++) {
        CHECK(futures[i] != NULL);
        CHECK(future_result(futures[i], guard(10), &result) ==
              (i % 2 == 0 ? FUTURE_EXPIRED : FUTURE_OK));
        if (i % 2 == 0)
            CHECK(seconds_now() - start >= 0.2 + 0.05 * i);
    }
    CHECK(seconds_now() - start < guard(4), "waited %.1f s for limits of at most 0.4 s",
          seconds_now() - start);
    CHECK(pool_close(pool) == 0);
}

int main(void)
{
    started = share(sizeof *started);
    check_cancel_and_stop();
    check_close_races();
    check_limit();
    puts("ok");
    return 0;
}
