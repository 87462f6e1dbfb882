/*
 * Promise 3: tasks start in the order of submission, and no worker is idle while a task waits.
 */
#include "promise.h"

#define WORKERS 8
#define TASKS   5000

struct board {
    struct meeting meeting;
    _Atomic int started;
    int order[TASKS];
};
static struct board *board;

/* A task that ends only when all tasks of its group run at the same time. */
static int meet(void *argument, void *result)
{
    (void)result;
    return meeting_of(&board->meeting, *(int *)argument, SOON) ? 0 : 1;
}

static void note(void *argument)
{
    board->order[atomic_fetch_add(&board->started, 1)] = *(int *)argument;
}

static void check_all_at_once(int workers)
{
    struct future *futures[WORKERS];
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL);
    for (int round = 0; round < 50; round++) {
        memset(&board->meeting, 0, sizeof board->meeting);
        for (int i = 0; i < workers; i++)
            futures[i] = future_submit(pool, meet, &workers, sizeof workers, 0);
        for (int i = 0; i < workers; i++) {
            CHECK(futures[i] != NULL);
            CHECK(future_result(futures[i], POOL_FOREVER, NULL) == FUTURE_OK,
                  "waited for %d tasks to run at the same time: only %d did", workers,
                  count_now(&board->meeting.arrived));
            CHECK(future_free(futures[i]) == 0);
        }
        if (round % 10 == 0)
            sleep_for(0.003); /* some rounds begin with sleeping workers */
    }
    CHECK(pool_close(pool) == 0);
}

/* With one worker the order is exact. With more, fewer than `workers` earlier tasks are noted after
 * any task. */
static void check_order(int workers)
{
    static int place[TASKS];
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL);
    atomic_store(&board->started, 0);
    for (int i = 0; i < TASKS; i++)
        CHECK(pool_submit(pool, note, &i, sizeof i) == 0);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&board->started) == TASKS);
    for (int i = 0; i < TASKS; i++)
        place[board->order[i]] = i;
    for (int i = 0; i < TASKS; i++)
        CHECK(workers > 1 || place[i] == i);
    /* A worker may be preempted between taking a task and noting it, so that the task is noted
     * late. At most one task of each other worker can be late at a time. */
    for (int i = 0; i < TASKS; i++) {
        int late = 0;
        for (int j = i > 100 ? i - 100 : 0; j < i; j++)
            late += place[j] > place[i];
        CHECK(late < workers);
    }
}

int main(void)
{
    board = share(sizeof *board);
    check_all_at_once(1);
    check_all_at_once(2);
    check_all_at_once(WORKERS);
    check_order(1);
    check_order(4);
    puts("ok");
    return 0;
}
