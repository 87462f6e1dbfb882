/*
 * Promise 11: memory is bounded by the tasks that have not been freed. Ten million tasks,
 * submitted and freed in a loop, take no more memory than the first few thousand.
 * After a peak, memory goes back to the system.
 */
#include "clock.h"
#include "promise.h"

static void nothing(void *argument)
{
    (void)argument;
}

/* The number behind `name` in a file of /proc/self: KiB. */
static long kibibytes(const char *path, const char *name)
{
    char line[200];
    long number = -1;
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while (number < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            number = strtol(line + strlen(name), NULL, 10);
    fclose(file);
    CHECK(number >= 0);
    return number;
}

/* The memory that this process uses, shared or not. */
static long footprint(void)
{
    return kibibytes("/proc/self/smaps_rollup", "Rss:");
}

/* That of it which the pool shares with its workers. A sanitizer keeps other memory that was
 * freed. */
static long shared_footprint(void)
{
    return kibibytes("/proc/self/status", "RssShmem:");
}

static void round_of_futures(struct pool *pool)
{
    struct future *futures[500];
    for (int i = 0; i < 500; i++)
        CHECK((futures[i] = future_submit(pool, square, &i, sizeof i, sizeof i)) != NULL);
    for (int i = 0; i < 500; i++) {
        int result;
        CHECK(future_result(futures[i], guard(10), &result) == FUTURE_OK &&
              result == i * i);
        CHECK(future_free(futures[i]) == 0);
    }
}

static void round_of_loose_tasks(struct pool *pool)
{
    for (int i = 0; i < 500; i++)
        CHECK(pool_submit(pool, nothing, &i, sizeof i) == 0);
    while (pool_waiting(pool) > 500)
        continue;
}

static void round_of_large_results(struct pool *pool)
{
    int x = 3;
    struct future *future = future_submit(pool, square, &x, sizeof x, (size_t)64 << 20);
    CHECK(future != NULL && future_result(future, guard(10), NULL) == FUTURE_OK);
    memset(future_value(future), 1, (size_t)16 << 20);
    CHECK(future_free(future) == 0);
}

static void check_rounds(const char *what, void (*round)(struct pool *), int rounds)
{
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    for (int i = 0; i < 10; i++)
        round(pool);
    /* A leak grows each time. */
    long before, after = footprint();
    int tries = 0;
    do {
        before = after;
        for (int i = 0; i < rounds; i++)
            round(pool);
        after = footprint();
    } while (after > before + 1024 && ++tries < 3);
    if (tries == 3) {
        fprintf(stderr, "%s: %ld KiB grew to %ld KiB\n", what, before, after);
        exit(1);
    }
    CHECK(pool_close(pool) == 0);
}

/* After a peak, a pool that is in use gives the memory of the tasks back. */
static void check_after_peak(void)
{
    enum {
        PEAK = 1000000
    };
    struct future **futures = calloc(PEAK, sizeof(struct future *));
    struct pool *pool = pool_open(2);
    CHECK(futures != NULL && pool != NULL);
    long before = shared_footprint();
    int x = 7, result;
    for (int i = 0; i < PEAK; i++)
        CHECK((futures[i] = future_submit(pool, square, &x, sizeof x, sizeof x)) != NULL);
    for (int i = 0; i < PEAK; i++)
        CHECK(future_result(futures[i], guard(30), &result) == FUTURE_OK &&
              result == x * x);
    long peak = shared_footprint() - before;
    for (int i = 0; i < PEAK; i++)
        CHECK(future_free(futures[i]) == 0);
    free(futures);
    double end = seconds_now() + guard(20);
    long after = peak;
    while (seconds_now() < end && after > peak / 3) {
        sleep_for(0.05);
        round_of_futures(pool);
        after = shared_footprint() - before;
    }
    if (after > peak / 3) {
        fprintf(stderr, "after a peak of %ld KiB there are still %ld\n", peak, after);
        exit(1);
    }
    /* What was given back can be used again. */
    for (int i = 0; i < 3; i++)
        round_of_futures(pool);
    CHECK(pool_close(pool) == 0);
}

int main(void)
{
    check_after_peak();
    check_rounds("futures", round_of_futures, 10000);
    check_rounds("tasks without a handle", round_of_loose_tasks, 10000);
    check_rounds("large results", round_of_large_results, 20);
    puts("ok");
    return 0;
}
