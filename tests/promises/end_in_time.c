/*
 * Promise 16: pool_close_within() ends a pool within a given time, or drops its waiting tasks, and
 * returns how many tasks did not run to their end.
 */
#include <pthread.h>

#include "program.h"
#include "promise.h"

static struct count *begun, *ended;
static struct count *gate;

static void wait_at_gate(void *argument)
{
    (void)argument;
    count_add(begun, 1);
    CHECK(count_reaches(gate, 1, 60));
    count_add(ended, 1);
}

static void never_end(void *argument)
{
    (void)argument;
    count_add(begun, 1);
    while (pause() != 0)
        continue;
}

static int never_return(void *argument, void *result)
{
    (void)result;
    never_end(argument);
    return 0;
}

static void die(void *argument)
{
    (void)argument;
    _exit(1);
}

static void reset(void)
{
    count_set(begun, 0);
    count_set(ended, 0);
    count_set(gate, 0);
}

static struct pool *open_with_tasks(int workers, int tasks, task_function *function)
{
    reset();
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL);
    for (int i = 0; i < tasks; i++)
        CHECK(pool_submit(pool, function, NULL, 0) == 0);
    int running = tasks < workers ? tasks : workers;
    CHECK(count_reaches(begun, running, SOON), "waited for %d tasks to begin", running);
    return pool;
}

/* Two tasks run forever and ten wait: all twelve are lost, but not before the time is over. */
static void check_killed(double seconds)
{
    struct pool *pool = open_with_tasks(2, 12, never_end);
    double start = seconds_now();
    int lost = pool_close_within(pool, seconds, POOL_RUN_ALL);
    double took = seconds_now() - start;
    CHECK(lost == 12, "%d of 12 lost", lost);
    CHECK(took >= seconds, "ended after %.3f s of %.3f", took, seconds);
    CHECK(took < seconds + guard(5), "ended after %.3f s of %.3f", took, seconds);
}

/* All tasks end long before the time is over: the close does not wait for the rest of it. */
static void check_all_done(void)
{
    struct pool *pool = open_with_tasks(2, 8, wait_at_gate);
    count_add(gate, 1);
    double start = seconds_now();
    CHECK(pool_close_within(pool, 1000, POOL_RUN_ALL) == 0);
    CHECK(seconds_now() - start < guard(60), "waited for the time");
    CHECK(count_now(ended) == 8);
}

static void open_gate_later(void *argument)
{
    (void)argument;
    CHECK(count_reaches(begun, 2, SOON));
    count_add(gate, 1);
}

/* Waiting tasks are dropped, running ones may end. */
static void check_dropped(void)
{
    struct pool *pool = open_with_tasks(2, 12, wait_at_gate);
    struct pool *other = pool_open(1);
    CHECK(other != NULL);
    CHECK(pool_submit(other, open_gate_later, NULL, 0) == 0);
    int lost = pool_close_within(pool, POOL_FOREVER, POOL_DROP_WAITING);
    CHECK(lost + count_now(ended) == 12, "%d lost, %d ended", lost, count_now(ended));
    CHECK(count_now(ended) >= 2, "%d ended", count_now(ended));
    CHECK(pool_close(other) == 0);
}

static void check_futures_count(void)
{
    struct pool *pool = open_with_tasks(1, 1, never_end);
    for (int i = 0; i < 3; i++)
        CHECK(future_submit(pool, never_return, NULL, 0, 0) != NULL);
    CHECK(future_cancel(future_submit(pool, never_return, NULL, 0, 0)));
    CHECK(pool_close_within(pool, 0, POOL_RUN_ALL) == 4);
}

static void check_crashed_before(void)
{
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, die, NULL, 0) == 0);
    CHECK(pool_close_within(pool, guard(60), POOL_RUN_ALL) == 1);
}

static int die_at_gate(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(begun, 1);
    count_reaches(gate, 1, SOON);
    _exit(1);
}

static void nothing(void *argument)
{
    (void)argument;
}

static void *open_gate_when_closing(void *pool)
{
    while (pool_submit(pool, nothing, NULL, 0) == 0)
        usleep(1000);
    CHECK(errno == EINVAL, "submit beside pool_close_within()");
    count_add(gate, 1);
    return NULL;
}

/* The close counts futures that are lost while it runs, and not those lost before, of which the
 * program can know. */
static void check_future_lost(void)
{
    pthread_t thread;
    reset();
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    count_add(gate, 1);
    struct future *future = future_submit(pool, die_at_gate, NULL, 0, 0);
    CHECK(future_result(future, guard(SOON), NULL) == FUTURE_LOST);
    reset();
    CHECK(future_submit(pool, die_at_gate, NULL, 0, 0) != NULL);
    CHECK(count_reaches(begun, 1, SOON), "waited for the future to begin");
    CHECK(pthread_create(&thread, NULL, open_gate_when_closing, pool) == 0);
    int lost = pool_close_within(pool, guard(60), POOL_RUN_ALL);
    CHECK(lost == 1, "%d lost", lost);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void check_misuse(void)
{
    CHECK(pool_close_within(NULL, 1, POOL_RUN_ALL) == 0);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    double nan = strtod("nan", NULL);
    CHECK_FAILS(pool_close_within(pool, nan, POOL_RUN_ALL) == -1, EINVAL);
    check_pool_works(pool);
    CHECK(pool_close_within(pool, 0.5, POOL_DROP_WAITING) == 0);
    CHECK_FAILS(pool_close_within(pool, 1, POOL_RUN_ALL) == -1, EINVAL);
}

int main(void)
{
    begun = share(sizeof *begun);
    ended = share(sizeof *ended);
    gate = share(sizeof *gate);
    check_killed(0);
    check_killed(0.2);
    check_all_done();
    check_dropped();
    check_futures_count();
    check_crashed_before();
    check_future_lost();
    check_misuse();
    puts("ok");
    return 0;
}
