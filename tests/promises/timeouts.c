/*
 * Promise 9: no wait ends before its timeout or much later, and signals make no difference.
 */
#include <signal.h>
#include <sys/time.h>

#include "promise.h"

static volatile sig_atomic_t signals;

static void handler(int number)
{
    (void)number;
    signals++;
}

static int sleep_long(void *argument, void *result)
{
    (void)argument, (void)result;
    while (pause() != 0)
        continue;
    return 0;
}

int main(void)
{
    /* Handle a signal a thousand times a second, without SA_RESTART. */
    struct sigaction action = {.sa_handler = handler};
    struct itimerval often = {{0, 1000}, {0, 1000}};
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    struct future *future = future_submit(pool, sleep_long, NULL, 0, 0);
    CHECK(future != NULL);
    const double timeouts[] = {0, 1e-9, 0.0001, 0.01, 0.1, 0.35};
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        double start = seconds_now();
        CHECK(future_result(future, timeouts[i], NULL) == FUTURE_TIMEOUT);
        CHECK(seconds_now() - start >= timeouts[i]);
        CHECK(seconds_now() - start < timeouts[i] + guard(5), "late by %.1f s",
              seconds_now() - start - timeouts[i]);
        start = seconds_now();
        CHECK(future_wait_all(&future, 1, timeouts[i]) == FUTURE_TIMEOUT);
        CHECK(seconds_now() - start >= timeouts[i]);
        start = seconds_now();
        CHECK_FAILS(future_wait_first(&future, 1, timeouts[i]) == -1, ETIMEDOUT);
        CHECK(seconds_now() - start >= timeouts[i]);
    }
    CHECK(signals > 10);
    CHECK(future_stop(future));
    CHECK(future_result(future, guard(10), NULL) == FUTURE_STOPPED);
    check_pool_works(pool);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
