/*
 * Promise 5: every wait returns, even when the foreman is killed: tasks that have not ended by
 * then fail with "pool broken".
 */
#include <signal.h>

#include "promise.h"

static int sleep_long(void *argument, void *result)
{
    (void)argument, (void)result;
    while (pause() != 0)
        continue;
    return 0;
}

static void nothing(void *argument)
{
    (void)argument;
}

static struct future *submit(struct pool *pool, future_function *work)
{
    int x = 3;
    struct future *future = future_submit(pool, work, &x, sizeof x, sizeof x);
    CHECK(future != NULL);
    return future;
}

/* Call future_result(), future_wait_all() and future_wait_first() in a pool whose foreman is killed
 * before the first call, or else during it. */
static void check_broken(bool before)
{
    int result;
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    struct future *done = submit(pool, square);
    CHECK(future_result(done, guard(10), NULL) == FUTURE_OK);
    struct future *futures[4];
    for (int i = 0; i < 4; i++)
        futures[i] = submit(pool, sleep_long);
    pid_t foreman = pool_foreman(pool);
    if (before) {
        CHECK(kill(foreman, SIGKILL) == 0);
    } else if (fork() == 0) {
        sleep_for(0.15);
        kill(foreman, SIGKILL);
        _exit(0);
    }
    double start = seconds_now();
    for (int i = 0; i < 3; i++)
        CHECK(future_result(futures[i], POOL_FOREVER, &result) == FUTURE_BROKEN);
    CHECK(future_wait_all(futures, 4, POOL_FOREVER) == FUTURE_OK);
    CHECK(future_wait_first(futures, 4, POOL_FOREVER) >= 0);
    CHECK(seconds_now() - start < guard(5), "waited %.1f s for a broken pool",
          seconds_now() - start);
    CHECK(strcmp(future_error(futures[3]), "pool broken: the foreman died") == 0);
    CHECK(future_result(done, 0, &result) == FUTURE_OK && result == 9);
    CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) == -1, EOWNERDEAD);
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

int main(void)
{
    check_broken(true);
    check_broken(false);

    /* pool_close() returns, too. */
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    CHECK(submit(pool, sleep_long) != NULL);
    pid_t foreman = pool_foreman(pool);
    if (fork() == 0) {
        sleep_for(0.1);
        kill(foreman, SIGKILL);
        _exit(0);
    }
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    puts("ok");
    return 0;
}
