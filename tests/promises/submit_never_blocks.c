/*
 * Promise 1: submitting neither blocks nor runs the task in the caller, even with a million tasks
 * waiting; when as many wait as may, it returns an error, and nothing is lost.
 */
#include "promise.h"

struct board {
    struct count at_gate, open;
    _Atomic int done, by_caller;
    pid_t caller;
};
static struct board *board;

static void wait_at_gate(void *argument)
{
    (void)argument;
    count_add(&board->at_gate, 1);
    CHECK(count_reaches(&board->open, 1, 60), "waited for the gate to open");
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
    count_set(&board->open, 1);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&board->done) == tasks);
    CHECK(atomic_load(&board->by_caller) == 0);
}

static void reach_the_limit(void)
{
    struct pool_options options = {.workers = 1, .waiting = 100};
    int accepted = 0;
    count_set(&board->at_gate, 0);
    count_set(&board->open, 0);
    atomic_store(&board->done, 0);
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, wait_at_gate, NULL, 0) == 0);
    CHECK(count_reaches(&board->at_gate, 1, SOON)); /* not in the queue any more */
    while (pool_submit(pool, count, NULL, 0) == 0)
        accepted++;
    CHECK(errno == EAGAIN);
    CHECK(accepted == 100);
    CHECK_FAILS(pool_submit(pool, count, NULL, 0) == -1, EAGAIN);
    CHECK_FAILS(
        future_submit(pool, square, &accepted, sizeof accepted, sizeof accepted) == NULL,
        EAGAIN);
    count_set(&board->open, 1);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&board->done) == accepted);
}

int main(void)
{
    board = share(sizeof *board);
    board->caller = getpid();
    submit_a_million();
    reach_the_limit();
    puts("ok");
    return 0;
}
