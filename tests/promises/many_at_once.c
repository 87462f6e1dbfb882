/*
 * Many futures at once: wait for the first, for all, for each in the order in which they end; and
 * a map, with its results in order.
 */
#include "promise.h"

static struct count *gate; /* task N ends when the count is at least N */

static int wait_for_gate(void *argument, void *result)
{
    int number = *(int *)argument;
    if (!count_reaches(gate, number, SOON))
        return 1;
    *(int *)result = number;
    return 0;
}

static int crash_at_13(void *argument, void *result)
{
    if (*(int *)argument == 13)
        abort();
    return square(argument, result);
}

static int fail_at_700(void *argument, void *result)
{
    return *(int *)argument == 700 ? 5 : square(argument, result);
}

#define TASKS 6 /* four of them run, two wait */
static const int order[TASKS] = {3, 1, 4, 2, 5, 6};

/* Submit tasks, which end in the order of their numbers, in that order. */
static struct completions *submit_in_order(struct future **futures, struct pool *pool)
{
    count_set(gate, 0);
    for (int i = 0; i < TASKS; i++)
        futures[i] =
            future_submit(pool, wait_for_gate, &order[i], sizeof(int), sizeof(int));
    struct completions *completions = completions_open(futures, TASKS);
    CHECK(completions != NULL);
    return completions;
}

/* Tasks that end in another order than that of submission are returned in the order in which they
 * end. */
static void check_completion_order(struct pool *pool)
{
    struct future *futures[TASKS];
    struct completions *completions = submit_in_order(futures, pool);
    while (task_state(task_of(futures[3])) != TASK_RUNNING)
        sleep_for(0.001);
    CHECK_FAILS(completions_next(completions, 0) == NULL, ETIMEDOUT);
    for (int i = 1; i <= TASKS; i++) {
        count_set(gate, i);
        struct future *future = completions_next(completions, guard(10));
        CHECK(future != NULL && *(int *)future_value(future) == i);
        CHECK(future_free(future) == 0);
    }
    CHECK_FAILS(completions_next(completions, guard(10)) == NULL, ENOENT);
    completions_close(completions);
}

/* Whether task `number`, at its place in `order`, has ended. Does not wait: in a wait, the program
 * might note the order of the ends. */
static bool ended(struct future **futures, int number)
{
    int place = 0;
    while (order[place] != number)
        place++;
    return task_ended(task_of(futures[place]));
}

/* The same, when all have ended before the program first waits. */
static void check_late_look(struct pool *pool)
{
    struct future *futures[TASKS];
    struct completions *completions = submit_in_order(futures, pool);
    for (int i = 1; i <= TASKS; i++) {
        count_set(gate, i);
        while (!ended(futures, i))
            sleep_for(0.001);
    }
    CHECK(future_wait_all(futures, TASKS, guard(10)) == FUTURE_OK);
    for (int i = 1; i <= TASKS; i++)
        CHECK(*(int *)future_value(completions_next(completions, guard(10))) == i);
    completions_close(completions);
}

static void check_first(struct pool *pool)
{
    const int numbers[] = {2, 1};
    struct future *futures[2];
    count_set(gate, 0);
    for (int i = 0; i < 2; i++)
        futures[i] =
            future_submit(pool, wait_for_gate, &numbers[i], sizeof(int), sizeof(int));
    CHECK_FAILS(future_wait_first(futures, 2, 0.01) == -1, ETIMEDOUT);
    count_set(gate, 1);
    CHECK(future_wait_first(futures, 2, guard(10)) == 1);
    count_set(gate, 2);
    CHECK(future_wait_all(futures, 2, guard(10)) == FUTURE_OK);
}

/* Each of a hundred thousand futures is returned once, the cancelled ones too. */
static void check_many(struct pool *pool)
{
    const int count = 100000;
    struct future **futures = calloc((size_t)count, sizeof *futures);
    CHECK(futures != NULL);
    long sum = 0, expected = 0;
    for (int i = 0; i < count; i++) {
        CHECK((futures[i] = future_submit(pool, square, &i, sizeof i, sizeof i)) != NULL);
        if (i % 3 == 0)
            future_cancel(futures[i]);
    }
    /* Give the set its futures in another order than that of submission. */
    struct future *swap = futures[0];
    futures[0] = futures[count - 1];
    futures[count - 1] = swap;
    struct completions *completions = completions_open(futures, (size_t)count);
    CHECK(completions != NULL);
    struct future *future;
    int ended = 0;
    while ((future = completions_next(completions, guard(10))) != NULL) {
        CHECK(future_done(future));
        ended++;
        sum += future_value(future) != NULL;
    }
    CHECK(errno == ENOENT && ended == count);
    for (int i = 0; i < count; i++) {
        expected += future_value(futures[i]) != NULL;
        CHECK(future_free(futures[i]) == 0);
    }
    CHECK(sum == expected && sum >= count / 2);
    completions_close(completions);
    free(futures);
}

static void check_map(struct pool *pool)
{
    static int inputs[1000], results[1000];
    static enum future_status status[1000];
    for (int i = 0; i < 1000; i++)
        inputs[i] = i;
    for (size_t chunk = 0; chunk < 300; chunk += 29) {
        struct map_options options = {.chunk = chunk, .in_flight = chunk % 5};
        memset(results, 0, sizeof results);
        CHECK(future_map(pool, square, inputs, 1000, sizeof(int), results, sizeof(int),
                         &options) == FUTURE_OK);
        for (int i = 0; i < 1000; i++)
            CHECK(results[i] == i * i);

        /* A crash in a map costs only the item that crashed. */
        options.status = status;
        CHECK(future_map(pool, crash_at_13, inputs, 1000, sizeof(int), results,
                         sizeof(int), &options) == FUTURE_LOST);
        for (int i = 0; i < 1000; i++) {
            CHECK(status[i] == (i == 13 ? FUTURE_LOST : FUTURE_OK));
            CHECK(i == 13 || results[i] == i * i);
        }
        options.status = NULL;
        CHECK(future_map(pool, fail_at_700, inputs, 1000, sizeof(int), results,
                         sizeof(int), &options) == FUTURE_FAILED);
    }
    CHECK(future_map(pool, square, NULL, 0, 4, NULL, 4, NULL) == FUTURE_OK);
    CHECK(future_map(pool, square, inputs, 3, 4, results, 4, NULL) == FUTURE_OK);
}

int main(void)
{
    gate = share(sizeof *gate);
    struct pool *pool = pool_open(4);
    CHECK(pool != NULL);
    check_completion_order(pool);
    check_late_look(pool);
    check_first(pool);
    check_many(pool);
    check_map(pool);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
