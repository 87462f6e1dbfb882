/*
 * threads.c: everything that the program and the workers do to their shared memory, with the
 * workers as threads (see processes.c), under ThreadSanitizer: `make check-tsan`.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "error.h"
#include "program.h"
#include "shared.h"
#include "trace.h"

#define TASKS 3000
#define LARGE ((size_t)1 << 18)

static struct pool *pool;
static struct future *futures[TASKS];
static _Atomic int loose;

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static int fail_if_odd(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x;
    return x % 2 == 0 ? 0 : task_error("odd: %d", x);
}

static int fill(void *argument, void *result)
{
    memset(result, *(char *)argument, LARGE);
    return 0;
}

static void count(void *argument)
{
    (void)argument;
    atomic_fetch_add(&loose, 1);
}

static void submit_all(future_function *work)
{
    for (int i = 0; i < TASKS; i++) {
        futures[i] = future_submit(pool, work, &i, sizeof i, sizeof i);
        CHECK(futures[i] != NULL);
    }
}

static void free_all(void)
{
    for (int i = 0; i < TASKS; i++)
        CHECK(future_free(futures[i]) == 0);
}

static void in_order(void)
{
    submit_all(square);
    for (int i = 0; i < TASKS; i++) {
        int result = 0;
        CHECK(future_result(futures[i], POOL_FOREVER, &result) == FUTURE_OK);
        CHECK(result == i * i);
    }
    free_all();
}

static void one_at_a_time(void)
{
    for (int i = 0; i < 300; i++) {
        struct future *future = future_submit(pool, square, &i, sizeof i, sizeof i);
        int result = 0;
        CHECK(future_result(future, POOL_FOREVER, &result) == FUTURE_OK);
        CHECK(result == i * i);
        future_free(future);
        if (i % 16 == 0)
            usleep(500); /* so that workers also go to sleep */
    }
}

static void cancelled(void)
{
    submit_all(square);
    for (int i = TASKS - 1; i >= 0; i -= 2)
        future_cancel(futures[i]);
    for (int i = 0; i < TASKS; i++) {
        int result = 0;
        enum future_status status = future_result(futures[i], POOL_FOREVER, &result);
        CHECK(status == FUTURE_OK ? result == i * i : status == FUTURE_CANCELLED);
        CHECK(status == FUTURE_OK || i % 2 == (TASKS - 1) % 2);
    }
    free_all();
}

static void as_they_end(void)
{
    submit_all(fail_if_odd);
    struct completions *completions = completions_open(futures, TASKS);
    CHECK(completions != NULL);
    struct future *future;
    int out = 0, failed = 0;
    while ((future = completions_next(completions, POOL_FOREVER)) != NULL) {
        out++;
        if (future_status(future) == FUTURE_FAILED) {
            CHECK(strncmp(future_error(future), "odd: ", 5) == 0);
            failed++;
        }
    }
    completions_close(completions);
    CHECK(out == TASKS && failed == TASKS / 2);
    free_all();
}

static void given_up_early(void)
{
    submit_all(square);
    free_all();
}

static void mapped(void)
{
    static int inputs[TASKS], results[TASKS];
    for (int i = 0; i < TASKS; i++)
        inputs[i] = i;
    CHECK(future_map(pool, square, inputs, TASKS, sizeof(int), results, sizeof(int),
                     NULL) == FUTURE_OK);
    for (int i = 0; i < TASKS; i++)
        CHECK(results[i] == i * i);
}

static void large(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; letters[i] != '\0'; i++) {
        char letter = letters[i];
        struct future *future = future_submit(pool, fill, &letter, 1, LARGE);
        CHECK(future != NULL);
        CHECK(future_result(future, POOL_FOREVER, NULL) == FUTURE_OK);
        const char *text = future_value(future);
        CHECK(text[0] == letter && text[LARGE - 1] == letter);
        future_free(future);
    }
}

/* ---- Several threads of the program ---- */

#define THREADS 4

static _Atomic int called;

static void called_back(struct future *future, void *argument)
{
    (void)argument;
    atomic_fetch_add(&called, 1);
    future_free(future);
}

static void few_at_once(int x)
{
    struct future *some[4];
    for (int i = 0; i < 4; i++) {
        some[i] = future_submit(pool, square, &x, sizeof x, sizeof x);
        CHECK(some[i] != NULL);
    }
    CHECK(future_wait_all(some, 4, POOL_FOREVER) == FUTURE_OK);
    CHECK(future_wait_first(some, 4, POOL_FOREVER) >= 0);
    for (int i = 0; i < 4; i++)
        CHECK(future_free(some[i]) == 0);
}

static void *use_pool(void *argument)
{
    for (int i = 0; i < 300; i++) {
        int result = 0;
        struct future *future = future_submit(pool, square, &i, sizeof i, sizeof i);
        CHECK(future != NULL);
        bool taken_back = i % 5 == 0 && future_cancel(future);
        enum future_status status = future_result(future, POOL_FOREVER, &result);
        CHECK(taken_back ? status == FUTURE_CANCELLED
                         : status == FUTURE_OK && result == i * i);
        CHECK(future_free(future) == 0);
        CHECK(pool_submit_within(pool, POOL_FOREVER, count, NULL, 0) == 0);
        if (i % 10 == 0)
            few_at_once(i);
        if (i % 3 == 0) {
            future = future_submit(pool, square, &i, sizeof i, sizeof i);
            CHECK(future != NULL && future_on_end(future, called_back, NULL) == 0);
        }
        if (argument != NULL)
            pool_dispatch(pool);
    }
    return NULL;
}

/* One thread dispatches; the callbacks that are left run when the pool is closed. */
static void in_threads(void)
{
    pthread_t threads[THREADS];
    atomic_store(&loose, 0);
    atomic_store(&called, 0);
    pool = pool_open_with(
        &(struct pool_options){.workers = 2, .waiting = 2000, .memory = (size_t)1 << 26});
    CHECK(pool != NULL);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, use_pool, i == 0 ? &loose : NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pool_close(pool) == 0);
    CHECK(atomic_load(&loose) == THREADS * 300);
    CHECK(atomic_load(&called) == THREADS * 100);
    printf("%d threads of the program: ok\n", THREADS);
}

/* ---- Beside a close ---- */

static _Atomic bool may_end;

static int end_when_it_may(void *argument, void *result)
{
    (void)argument, (void)result;
    while (!atomic_load(&may_end))
        usleep(100);
    return 0;
}

static void *wait_for_all(void *argument)
{
    (void)argument;
    CHECK(future_wait_all(futures, 2, POOL_FOREVER) == FUTURE_OK);
    return NULL;
}

static void *wait_for_first(void *argument)
{
    (void)argument;
    CHECK(future_wait_first(futures, 2, POOL_FOREVER) >= 0);
    return NULL;
}

/* A call that began before the close may use its futures until it returns. */
static void waits_beside_a_close(void *(*wait)(void *))
{
    pthread_t thread;
    atomic_store(&may_end, false);
    pool =
        pool_open_with(&(struct pool_options){.workers = 2, .memory = (size_t)1 << 26});
    CHECK(pool != NULL);
    for (int i = 0; i < 2; i++) {
        futures[i] = future_submit(pool, end_when_it_may, NULL, 0, 0);
        CHECK(futures[i] != NULL);
    }
    CHECK(pthread_create(&thread, NULL, wait, NULL) == 0);
    while (atomic_load(&pool->holds) == 0) /* until the other thread waits */
        usleep(100);
    atomic_store(&may_end, true);
    CHECK(pool_close(pool) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

struct beginner {
    bool (*begin)(void); /* returns false once it is refused */
    _Atomic bool has_begun;
};

static bool begin_task(void)
{
    return task_new(pool, count, sizeof(int)) != NULL;
}

static bool begin_future(void)
{
    return future_reserve(pool, square, sizeof(int), sizeof(int)) != NULL;
}

static bool begin_batch(void)
{
    return batch_open(pool) != NULL;
}

static void *begin_until_refused(void *argument)
{
    struct beginner *beginner = argument;
    while (beginner->begin() || errno == ENOMEM)
        atomic_store(&beginner->has_begun, true);
    CHECK(errno == EINVAL);
    return NULL;
}

/* No thread holds the pool; the close frees the tasks and futures that the threads have made. */
static void beside_a_close(void)
{
    pthread_t threads[3];
    struct beginner beginners[3] = {
        {.begin = begin_task}, {.begin = begin_future}, {.begin = begin_batch}};
    pool =
        pool_open_with(&(struct pool_options){.workers = 1, .memory = (size_t)1 << 26});
    CHECK(pool != NULL);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, begin_until_refused, &beginners[i]) == 0);
    for (int i = 0; i < 3; i++)
        while (!atomic_load(&beginners[i].has_begun))
            usleep(100);
    CHECK(pool_close(pool) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

/* ---- Traces that begin at once ---- */

static void *trace_nothing(void *a_pool)
{
    trace_open(a_pool);
    CHECK(((struct pool *)a_pool)->inherited.trace >= 0);
    trace_close(a_pool);
    return NULL;
}

static void remove_trace(const char *directory, int number)
{
    char name[100];
    snprintf(name, sizeof name, number > 1 ? "%s/trace.%d" : "%s/trace", directory,
             number);
    CHECK(unlink(name) == 0);
}

/* One file for each. */
static void traces_at_once(void)
{
    static struct shared shared;
    struct pool *pools = calloc(THREADS, sizeof *pools);
    pthread_t threads[THREADS];
    char directory[] = "/tmp/threads-XXXXXX", name[100];
    CHECK(pools != NULL && mkdtemp(directory) != NULL);
    snprintf(name, sizeof name, "%s/trace", directory);
    setenv("POOL_TRACE", name, 1);
    for (int i = 0; i < THREADS; i++) {
        pools[i].shared = &shared;
        CHECK(pthread_create(&threads[i], NULL, trace_nothing, &pools[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    unsetenv("POOL_TRACE");
    for (int i = 0; i < THREADS; i++)
        remove_trace(directory, i + 1);
    CHECK(rmdir(directory) == 0);
    free(pools);
    puts("traces that begin at once: ok");
}

int main(void)
{
    static const int workers[] = {1, 2, 4};
    alarm(1200);
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        atomic_store(&loose, 0);
        pool = pool_open_with(
            &(struct pool_options){.workers = workers[i], .memory = (size_t)1 << 26});
        CHECK(pool != NULL);
        for (int round = 0; round < 3; round++) {
            in_order();
            one_at_a_time();
            cancelled();
            as_they_end();
            given_up_early();
            mapped();
            large();
            for (int n = 0; n < TASKS; n++)
                CHECK(pool_submit(pool, count, NULL, 0) == 0);
        }
        CHECK(pool_close(pool) == 0);
        CHECK(atomic_load(&loose) == 3 * TASKS);
        printf("%d workers: ok\n", workers[i]);
    }
    in_threads();
    for (int i = 0; i < 10; i++) {
        beside_a_close();
        waits_beside_a_close(wait_for_all);
        waits_beside_a_close(wait_for_first);
    }
    puts("beside a close: ok");
    traces_at_once();
    return 0;
}
