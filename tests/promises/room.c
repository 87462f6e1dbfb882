/*
 * Promise 17: a program can wait, with a timeout, until a full queue has room.
 */
#include <pthread.h>

#include "program.h"
#include "promise.h"

#define WAITING 4

static struct count *begun, *gate, *done;

static void wait_at_gate(void *argument)
{
    (void)argument;
    int number = count_add(begun, 1);
    CHECK(count_reaches(gate, number, 60));
    count_add(done, 1);
}

static void be_done(void *argument)
{
    (void)argument;
    count_add(done, 1);
}

static struct pool *open_full(void)
{
    count_set(begun, 0);
    count_set(gate, 0);
    count_set(done, 0);
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .waiting = WAITING});
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0);
    CHECK(count_reaches(begun, 1, SOON));
    for (int i = 0; i < WAITING; i++)
        CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0, "task %d", i);
    CHECK_FAILS(pool_submit(pool, be_done, NULL, 0) == -1, EAGAIN);
    return pool;
}

static void check_timeout(void)
{
    struct pool *pool = open_full();
    double start = seconds_now();
    CHECK_FAILS(pool_wait_for_room(pool, 0) == -1, ETIMEDOUT);
    CHECK_FAILS(pool_wait_for_room(pool, 0.1) == -1, ETIMEDOUT);
    CHECK_FAILS(pool_submit_within(pool, 0.1, be_done, NULL, 0) == -1, ETIMEDOUT);
    CHECK(seconds_now() - start >= 0.2, "too early");
    CHECK_FAILS(pool_wait_for_room(pool, strtod("nan", NULL)) == -1, EINVAL);
    CHECK_FAILS(pool_wait_for_room(NULL, 1) == -1, EINVAL);
    count_add(gate, 100);
    CHECK(pool_wait_for_room(pool, guard(SOON)) == 0);
    CHECK(pool_close(pool) == 0);
}

static void *open_gate(void *argument)
{
    (void)argument;
    sleep_for(0.02); /* by then the other thread may sleep or not: both must work */
    count_add(gate, 1);
    return NULL;
}

/* A task makes room when a worker takes it, not when it ends. With one worker and a gate for each
 * task, one task's room comes at a time. The pool's checks, a tenth of a second apart, would hide a
 * lost wake-up: of 20 waits, ten must be shorter than that, in one of four tries. */
static void check_woken(void)
{
    struct pool *pool = open_full();
    int round = 0;
    for (int quick = 0; quick < 10; round++) {
        pthread_t thread;
        double start = seconds_now();
        if (round % 20 == 0)
            quick = 0;
        CHECK(round < 80, "waits for room are longer than 0.06 s");
        CHECK(pthread_create(&thread, NULL, open_gate, NULL) == 0);
        CHECK(pool_submit_within(pool, guard(SOON), wait_at_gate, NULL, 0) == 0,
              "submit %d", round);
        quick += seconds_now() - start < 0.06;
        CHECK(pthread_join(thread, NULL) == 0);
    }
    count_add(gate, 100);
    CHECK(pool_close(pool) == 0);
    CHECK(count_now(done) == round + 1 + WAITING);
}

static struct pool *shared_pool;

static void *submit_many(void *argument)
{
    (void)argument;
    for (int i = 0; i < 500; i++)
        CHECK(pool_submit_within(shared_pool, guard(60), be_done, NULL, 0) == 0,
              "submit %d", i);
    return NULL;
}

/* Eight threads submit; there is room for four tasks. */
static void check_many_threads(void)
{
    pthread_t threads[8];
    count_set(done, 0);
    shared_pool =
        pool_open_with(&(struct pool_options){.workers = 2, .waiting = WAITING});
    CHECK(shared_pool != NULL);
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, submit_many, NULL) == 0);
    for (int i = 0; i < 8; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pool_close(shared_pool) == 0);
    CHECK(count_now(done) == 4000, "%d of 4000 done", count_now(done));
}

/* A cancelled task makes room, too. */
static int wait_for_gate(void *argument, void *result)
{
    (void)result;
    wait_at_gate(argument);
    return 0;
}

static void *cancel_it(void *argument)
{
    sleep_for(0.02);
    CHECK(future_cancel(argument));
    return NULL;
}

static void check_cancelled(void)
{
    pthread_t thread;
    count_set(begun, 0);
    count_set(gate, 0);
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .waiting = 1});
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0);
    CHECK(count_reaches(begun, 1, SOON));
    struct future *waits = future_submit(pool, wait_for_gate, NULL, 0, 0);
    CHECK(waits != NULL);
    CHECK(pthread_create(&thread, NULL, cancel_it, waits) == 0);
    CHECK(pool_wait_for_room(pool, guard(SOON)) == 0, "room after a cancel");
    CHECK(pthread_join(thread, NULL) == 0);
    count_add(gate, 100);
    CHECK(pool_close(pool) == 0);
}

int main(void)
{
    begun = share(sizeof *begun);
    gate = share(sizeof *gate);
    done = share(sizeof *done);
    check_timeout();
    check_woken();
    check_many_threads();
    check_cancelled();
    puts("ok");
    return 0;
}
