/*
 * Promise 1: submitting neither blocks nor runs the task in the caller, with a million
 * tasks waiting; at the limit it returns an error, and nothing is lost.
 */
#include "check.h"

struct board {
    _Atomic int at_gate, open, done, by_caller;
    pid_t caller;
};
static struct board *board;

static void wait_at_gate(void *argument)
{
    (void)argument;
    atomic_fetch_add(&board->at_gate, 1);
    CHECK(reaches(&board->open, 1));
}

static void count(void *argument)
{
    (void)argument;
    atomic_fetch_add(&board->done, 1);
    if (getpid() == board->caller)
        atomic_fetch_add(&board->by_caller, 1);
}

static void submit_a_million(void)
{
    const int tasks = 1000000;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0);
    for (int i = 0; i < tasks; i++)
        CHECK(pool_submit(pool, count, &i, sizeof i) == 0);
    CHECK(pool_waiting(pool) >= (size_t)tasks);
    CHECK(atomic_load(&board->done) == 0);
    atomic_store(&board->open, 1);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&board->done) == tasks);
    CHECK(atomic_load(&board->by_caller) == 0);
}

static void reach_the_limit(void)
{
    struct pool_options options = {.workers = 1, .waiting = 100};
    int accepted = 0;
    atomic_store(&board->at_gate, 0);
    atomic_store(&board->open, 0);
    atomic_store(&board->done, 0);
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0);
    CHECK(reaches(&board->at_gate, 1)); /* it does not wait any more */
    while (pool_submit(pool, count, NULL, 0) == 0)
        accepted++;
    CHECK(errno == EAGAIN);
    CHECK(accepted == 100);
    CHECK_ERRNO(EAGAIN, pool_submit(pool, count, NULL, 0) == -1);
    CHECK_ERRNO(EAGAIN, future_submit(pool, square, &accepted, sizeof accepted,
                                      sizeof accepted) == NULL);
    atomic_store(&board->open, 1);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&board->done) == accepted);
}

int main(void)
{
    board = shared_memory(sizeof *board);
    board->caller = getpid();
    submit_a_million();
    reach_the_limit();
    puts("ok");
    return 0;
}
