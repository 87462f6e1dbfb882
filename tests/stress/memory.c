/*
 * memory.c: alignment, pages of any size, margins, locked memory, limits; what a map keeps; whose
 * future is the current one; where traces go.
 */
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "future.h"
#include "shared.h"
#include "stress.h"

#define SOON 10

/* ---- Alignment ---- */

static int address_of_both(void *argument, void *result)
{
    uintptr_t both[2] = {(uintptr_t)argument, (uintptr_t)result};
    memcpy(result, both, sizeof both);
    return 0;
}

static void alignment(void *unused)
{
    (void)unused;
    static char argument[20000];
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    for (size_t align = 16; align <= 4096; align *= 2)
        for (size_t many = 1; many <= 3; many++)
            for (size_t other = 1; other < 5000; other = other * 3 + 1) {
                struct future *one =
                    future_submit(pool, address_of_both, argument, align * many, align);
                struct future *two =
                    future_submit(pool, address_of_both, argument, other, align * many);
                uintptr_t at[512];
                CHECK(future_result(one, guard(SOON), at) == FUTURE_OK, "the first");
                CHECK(at[0] % align == 0 && at[1] % align == 0,
                      "%zu bytes: argument at %zx, result at %zx", align, (size_t)at[0],
                      (size_t)at[1]);
                CHECK(future_result(two, guard(SOON), NULL) == FUTURE_OK, "the second");
                memcpy(at, future_value(two), sizeof at[0] * 2);
                CHECK(at[1] % align == 0, "%zu bytes: result at %zx", align * many,
                      (size_t)at[1]);
                future_free(one);
                future_free(two);
            }
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int is_aligned(void *argument, void *result)
{
    *(char *)result =
        (char)((uintptr_t)argument % 64 == 0 && (uintptr_t)result % 64 == 0);
    return 0;
}

static void alignment_in_a_map(void *unused)
{
    (void)unused;
    static alignas(64) char inputs[100][64], results[100][64];
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    for (size_t chunk = 1; chunk < 20; chunk++) {
        memset(results, 0, sizeof results);
        CHECK(future_map(pool, is_aligned, inputs, 100, 64, results, 64,
                         &(struct map_options){.chunk = chunk}) == FUTURE_OK,
              "future_map");
        for (int i = 0; i < 100; i++)
            CHECK(results[i][0] == 1, "item %d in chunks of %zu", i, chunk);
    }
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* ---- A map keeps what ended ---- */

enum {
    ITEMS = 40
};

struct item {
    int number;
    struct count *begun, *gate;
};

static int some_wait(void *argument, void *result)
{
    struct item *item = argument;
    *(int *)result = item->number * 3;
    if (item->number % 8 == 5) {
        count_add(item->begun, 1);
        count_reaches(item->gate, 1, 60);
    }
    return 0;
}

/* Chunks of eight; the sixth item of each waits. So five of each chunk ended in time. */
static void map_out_of_time(void *unused)
{
    (void)unused;
    struct count *begun = share(sizeof *begun), *gate = share(sizeof *gate);
    struct item inputs[ITEMS];
    int results[ITEMS] = {0};
    enum future_status status[ITEMS] = {FUTURE_OK};
    for (int i = 0; i < ITEMS; i++)
        inputs[i] = (struct item){i, begun, gate};
    struct pool *pool = pool_open(ITEMS / 8);
    CHECK(pool != NULL, "pool_open");
    struct map_options options = {
        .chunk = 8, .limited = true, .timeout = guard(0.3), .status = status};
    CHECK(future_map(pool, some_wait, inputs, ITEMS, sizeof inputs[0], results,
                     sizeof results[0], &options) == FUTURE_TIMEOUT,
          "future_map");
    CHECK(count_now(begun) == ITEMS / 8, "%d chunks came so far", count_now(begun));
    for (int i = 0; i < ITEMS; i++) {
        bool ended = i % 8 < 5;
        CHECK(status[i] == (ended ? FUTURE_OK : FUTURE_TIMEOUT), "item %d: %s", i,
              future_status_name(status[i]));
        CHECK(!ended || results[i] == i * 3, "the result of item %d is %d", i,
              results[i]);
    }
    count_set(gate, 1);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static void map_in_a_broken_pool(void *unused)
{
    (void)unused;
    struct count *begun = share(sizeof *begun), *gate = share(sizeof *gate);
    struct item inputs[ITEMS];
    int results[ITEMS] = {0};
    enum future_status status[ITEMS] = {FUTURE_OK};
    for (int i = 0; i < ITEMS; i++)
        inputs[i] = (struct item){i, begun, gate};
    for (int with = 0; with < 2; with++) {
        *begun = (struct count){0};
        struct pool *pool = pool_open(1);
        CHECK(pool != NULL, "pool_open");
        pid_t foreman = pool_foreman(pool), child = fork();
        if (child == 0) {
            count_reaches(begun, 1, SOON);
            kill(foreman, SIGKILL);
            _exit(0);
        }
        struct map_options options = {.chunk = 8, .in_flight = 2};
        options.status = with ? status : NULL;
        CHECK(future_map(pool, some_wait, inputs, ITEMS, sizeof inputs[0], results,
                         sizeof results[0], &options) == FUTURE_BROKEN,
              "with status: %d", with);
        for (int i = 0; i < ITEMS && with; i++)
            CHECK(status[i] == (i < 5 ? FUTURE_OK : FUTURE_BROKEN), "item %d: %s", i,
                  future_status_name(status[i]));
        CHECK(waitpid(child, NULL, 0) == child, "waitpid");
        CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    }
}

/* ---- Whose future is the current one ---- */

static void inner(void *argument)
{
    bool *current = *(bool **)argument;
    *current = future_current() != NULL;
    task_error("of the inner task");
}

static int outer(void *argument, void *result)
{
    (void)result;
    int returned = task_error("of the outer task");
    struct pool *pool = pool_open(1);
    if (pool == NULL || pool_submit(pool, inner, argument, sizeof(bool *)) != 0 ||
        pool_close(pool) != 0)
        return 99;
    return future_current() != NULL ? returned : 98;
}

static void current_in_a_pool_of_a_task(void *unused)
{
    (void)unused;
    bool *current = share(sizeof *current);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct future *future = future_submit(pool, outer, &current, sizeof current, 0);
    CHECK(future_result(future, guard(SOON), NULL) == FUTURE_FAILED, "the outer task");
    CHECK(!*current, "the outer task's future is the inner one's, too");
    CHECK(strcmp(future_error(future), "of the outer task") == 0, "%s",
          future_error(future));
    CHECK(pool_close(pool) == 0, "pool_close");
}

static const struct stress_case cases[] = {
    {"alignment", alignment},
    {"alignment_in_a_map", alignment_in_a_map},
    {"map_out_of_time", map_out_of_time},
    {"map_in_a_broken_pool", map_in_a_broken_pool},
    {"current_in_a_pool_of_a_task", current_in_a_pool_of_a_task},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
