/*
 * soak.c: open pools, use them in every way, crash their workers, break them and close them, for
 * any length of time. The memory, descriptors and processes that the program holds must not grow.
 *
 *     build/tests/stress/soak --seconds 600 --seed 3
 *
 * One pool stays open all the time, others come and go. The maximum of the second half of the time
 * is compared with the maximum of the first half.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "stress.h"

#define MOST  300 /* futures at a time */
#define LOOKS 5   /* in each half, at least, however slow the machine is */
#define HOME  3   /* workers of the pool that stays open */

static uint64_t dice = 1;
static unsigned long long tasks, crashes, pools, broken;

struct order {
    size_t size;
    int what; /* 0: die, 1: fail, 2: take a while, else: fill the result */
};

static int carry_out(void *argument, void *result)
{
    struct order order = *(struct order *)argument;
    if (order.what == 0)
        raise(SIGKILL);
    if (order.what == 1)
        return task_error("as ordered, %zu", order.size);
    if (order.what == 2)
        sleep_for(0.0005);
    memset(result, (int)(order.size & 0xff), order.size);
    return 0;
}

static int add_one(void *argument, void *result)
{
    *(int *)result = *(int *)argument + 1;
    return 0;
}

static void alone(void *argument)
{
    (void)argument;
}

static struct future *submit(struct pool *pool)
{
    struct order order = {.size = (size_t)random_below(&dice, 200),
                          .what = (int)random_below(&dice, 2000)};
    if (random_below(&dice, 50) == 0)
        order.size = (size_t)random_below(&dice, 300000);
    if (random_below(&dice, 40) == 0)
        order.what = 2;
    struct future *future =
        future_submit_limited(pool, random_below(&dice, 20) == 0 ? 5 : 0, carry_out,
                              &order, sizeof order, order.size);
    CHECK(future != NULL || errno == EOWNERDEAD, "future_submit");
    crashes += order.what == 0;
    tasks++;
    return future;
}

/* Wait for the future, cancel it or stop it; then free it. */
static void collect(struct future *future)
{
    switch (random_below(&dice, 8)) {
    case 0:
        future_cancel(future);
        break;
    case 1:
        future_stop(future);
        break;
    default:
        CHECK(future_result(future, POOL_FOREVER, NULL) > FUTURE_MISUSE, "future_result");
        if (random_below(&dice, 4) == 0)
            (void)future_error(future);
    }
    CHECK(future_free(future) == 0, "future_free");
}

static void map_some(struct pool *pool)
{
    int inputs[100], results[100];
    for (int i = 0; i < 100; i++)
        inputs[i] = i;
    enum future_status status = future_map(pool, add_one, inputs, 100, sizeof *inputs,
                                           results, sizeof *results, NULL);
    CHECK(status == FUTURE_OK       ? results[99] == 100
          : status == FUTURE_MISUSE ? errno == EOWNERDEAD
                                    : status == FUTURE_BROKEN,
          "future_map: %s", future_status_name(status));
    tasks += 100;
}

static void use(struct pool *pool)
{
    static struct future *futures[MOST];
    size_t count = 0, most = (size_t)random_below(&dice, MOST) + 1;
    while (count < most && (futures[count] = submit(pool)) != NULL)
        count++;
    for (uint64_t i = random_below(&dice, 100); i > 0; i--, tasks++)
        if (pool_submit(pool, alone, NULL, 0) != 0)
            CHECK(errno == EOWNERDEAD, "pool_submit");
    if (count > 0 && random_below(&dice, 2) == 0) {
        struct completions *completions = completions_open(futures, count);
        CHECK(completions != NULL, "completions_open");
        while (completions_next(completions, POOL_FOREVER) != NULL)
            continue;
        completions_close(completions);
    }
    for (size_t i = 0; i < count; i++)
        collect(futures[i]);
    if (random_below(&dice, 4) == 0 && pool_broken(pool) == NULL)
        map_some(pool);
}

/* Open a pool, use it, perhaps break it, and close it. */
static void come_and_go(void)
{
    struct pool_options options = {.workers = (int)random_below(&dice, 5) + 1,
                                   .tasks_per_worker =
                                       (unsigned)random_below(&dice, 3) * 20};
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL, "pool_open_with");
    watchdog(60, pool);
    pools++;
    for (uint64_t i = random_below(&dice, 3); i > 0; i--)
        use(pool);
    if (random_below(&dice, 10) == 0) {
        broken++;
        kill(pool_foreman(pool), SIGKILL);
        use(pool);
    }
    if (random_below(&dice, 2) == 0)
        pool_close(pool);
    else
        pool_abort(pool);
}

struct high {
    struct holdings program;
    long foreman;
    int children; /* the program's and the foreman's */
};

static void look(struct pool *pool, struct high *high)
{
    struct holdings now = holdings_now();
    long foreman = holdings_of(pool_foreman(pool)).resident;
    if (now.resident > high->program.resident)
        high->program.resident = now.resident;
    if (now.descriptors > high->program.descriptors)
        high->program.descriptors = now.descriptors;
    if (now.mappings > high->program.mappings)
        high->program.mappings = now.mappings;
    if (foreman > high->foreman)
        high->foreman = foreman;
    int children = count_children(getpid()) + count_children(pool_foreman(pool));
    if (children > high->children)
        high->children = children;
}

static void soak(void *seconds)
{
    struct high high[2] = {{.foreman = 0}};
    struct holdings before = holdings_now();
    double start = seconds_now(), length = *(double *)seconds;
    struct pool *home = pool_open(HOME);
    CHECK(home != NULL, "pool_open");
    double at = 0;
    int looks[2] = {0, 0};
    while (at < length || looks[1] < LOOKS) {
        watchdog(60, home);
        for (int i = 0; i < 5; i++)
            use(home);
        come_and_go();
        /* Not in the first tenth, in which buffers and lists grow to their size. */
        if (at > length / 10) {
            int half = at > length / 2 && looks[0] >= LOOKS;
            look(home, &high[half]);
            looks[half]++;
        }
        at = seconds_now() - start;
    }
    CHECK(pool_close(home) >= 0, "pool_close");
    printf(
        "%llu tasks, %llu crashes, %llu pools, %llu of them broken\n"
        "             program KiB   foreman KiB   descriptors   mappings   processes\n",
        tasks, crashes, pools, broken);
    for (int i = 0; i < 2; i++)
        printf("%s half  %11ld  %12ld  %12d  %9d  %10d\n", i == 0 ? "first " : "second",
               high[i].program.resident, high[i].foreman, high[i].program.descriptors,
               high[i].program.mappings, high[i].children);
    CHECK(high[1].program.resident <= high[0].program.resident * 11 / 10 + 256,
          "the program grows");
    CHECK(high[1].foreman <= high[0].foreman * 11 / 10 + 256, "the foreman grows");
    CHECK(high[1].program.descriptors == high[0].program.descriptors &&
              high[1].program.mappings == high[0].program.mappings,
          "descriptors or mappings grow");
    for (int i = 0; i < 2; i++)
        CHECK(high[i].children <= 1 + HOME,
              "%d processes, a foreman and %d workers expected", high[i].children, HOME);
    watchdog(0, NULL);
    check_nothing_left(&before);
}

int main(int argc, char **argv)
{
    double seconds = 10;
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = strtod(argv[i + 1], NULL);
        else if (strcmp(argv[i], "--seed") == 0)
            dice = strtoull(argv[i + 1], NULL, 0);
        else
            return 2;
    printf("soak --seconds %g --seed %llu\n", seconds, (unsigned long long)dice);
    return run_apart(soak, &seconds, seconds * 2 + 120) != 0;
}
