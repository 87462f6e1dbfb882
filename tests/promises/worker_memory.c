/*
 * Promise 19: the memory of a worker can be limited, so that a task that takes too much fails or
 * is lost alone; and a worker that has grown can be replaced. NO_LIMITS=1 in the environment leaves
 * out the limit: a sanitizer needs more than that.
 */
#include <signal.h>

#include "program.h"
#include "promise.h"

#define MIB ((size_t)1 << 20)

static size_t limit = 64 * MIB;

static void *kept; /* the latest block; each points to the one before */

static int limit_memory(void *argument)
{
    return pool_worker_limit_memory(*(size_t *)argument);
}

/* Allocate so many MiB, write to them, keep them, and return how many malloc() gave. */
static int eat(void *argument, void *result)
{
    size_t mib = *(size_t *)argument;
    for (size_t i = 0; i < mib; i++) {
        char *memory = malloc(MIB);
        if (memory == NULL)
            return task_error("no memory after %zu MiB", i);
        memset(memory, 1, MIB);
        *(void **)(void *)memory = kept;
        kept = memory;
    }
    *(size_t *)result = mib;
    return 0;
}

static void check_limit(void)
{
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 1, .initializer = limit_memory, .initializer_argument = &limit});
    CHECK(pool != NULL);
    size_t mib = 32, got = 0;
    struct future *little = future_submit(pool, eat, &mib, sizeof mib, sizeof got);
    CHECK(future_result(little, guard(SOON), &got) == FUTURE_OK && got == 32, "%s",
          future_error(little));
    mib = 1000;
    struct future *much = future_submit(pool, eat, &mib, sizeof mib, sizeof got);
    CHECK(future_result(much, guard(SOON), &got) == FUTURE_FAILED);
    CHECK(strncmp(future_error(much), "no memory after ", 16) == 0, "%s",
          future_error(much));
    /* The worker, which has reached its limit, still runs tasks: shared memory does not count. */
    check_pool_works(pool);
    CHECK(pool_close(pool) == 0);
}

/* The sum of what the worker has and the limit may be beyond all numbers. */
static void check_no_limit(void)
{
    size_t most = SIZE_MAX, mib = 32, got = 0;
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 1, .initializer = limit_memory, .initializer_argument = &most});
    CHECK(pool != NULL);
    struct future *future = future_submit(pool, eat, &mib, sizeof mib, sizeof got);
    CHECK(future_result(future, guard(SOON), &got) == FUTURE_OK && got == 32, "%s",
          future_error(future));
    CHECK(pool_close(pool) == 0);
}

static int abort_without_memory(void *argument, void *result)
{
    if (eat(argument, result) != 0)
        abort();
    return 0;
}

static void check_loses_itself(void)
{
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 2, .initializer = limit_memory, .initializer_argument = &limit});
    CHECK(pool != NULL);
    size_t mib = 1000, got;
    struct future *much =
        future_submit(pool, abort_without_memory, &mib, sizeof mib, sizeof got);
    CHECK(future_result(much, guard(SOON), &got) == FUTURE_LOST);
    CHECK(future_worker_status(much) % 128 == SIGABRT);
    check_pool_works(pool);
    CHECK(pool_close(pool) == 0);
}

static int replace_at(void *argument)
{
    pool_worker_replace_at(*(size_t *)argument);
    return 0;
}

static int own_pid(void *argument, void *result)
{
    (void)argument;
    *(pid_t *)result = getpid();
    return 0;
}

static pid_t worker_of(struct pool *pool)
{
    pid_t pid = 0;
    struct future *future = future_submit(pool, own_pid, NULL, 0, sizeof pid);
    CHECK(future_result(future, guard(SOON), &pid) == FUTURE_OK);
    CHECK(future_free(future) == 0);
    return pid;
}

static void check_replaced(void)
{
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 1, .initializer = replace_at, .initializer_argument = &limit});
    CHECK(pool != NULL);
    pid_t first = worker_of(pool);
    CHECK(worker_of(pool) == first, "replaced, and it has not grown");
    size_t mib = 100, got;
    struct future *grows = future_submit(pool, eat, &mib, sizeof mib, sizeof got);
    CHECK(future_result(grows, guard(SOON), &got) == FUTURE_OK);
    pid_t second = worker_of(pool);
    CHECK(second != first, "not replaced, and it has grown");
    CHECK(worker_of(pool) == second);
    CHECK(pool_close(pool) == 0);
}

static int die_first(void *argument)
{
    (void)argument;
    return pool_worker_die_first();
}

static int score(void *argument, void *result)
{
    (void)argument;
    FILE *file = fopen("/proc/self/oom_score_adj", "re");
    bool read = file != NULL && fscanf(file, "%d", (int *)result) == 1;
    if (file != NULL)
        fclose(file);
    return read ? 0 : task_error("no score");
}

static void check_die_first(void)
{
    int result = 0, own = 0;
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .initializer = die_first});
    CHECK(pool != NULL);
    struct future *future = future_submit(pool, score, NULL, 0, sizeof result);
    CHECK(future_result(future, guard(SOON), &result) == FUTURE_OK && result == 1000,
          "score %d", result);
    CHECK(score(NULL, &own) == 0 && own < 1000, "the program's own score is %d", own);
    CHECK(pool_close(pool) == 0);
}

int main(void)
{
    if (getenv("NO_LIMITS") == NULL) {
        check_limit();
        check_no_limit();
        check_loses_itself();
    }
    check_replaced();
    check_die_first();
    puts("ok");
    return 0;
}
