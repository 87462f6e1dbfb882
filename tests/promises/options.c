/*
 * The pool's options, and two pools in one program.
 */
#include <sched.h>
#include <signal.h>

#include "promise.h"

static int prepared; /* in each worker */
static struct count *initialized;

static int prepare(void *argument)
{
    prepared = *(int *)argument;
    count_add(initialized, 1);
    return 0;
}

static int refuse(void *argument)
{
    (void)argument;
    return 1;
}

static int crash(void *argument)
{
    (void)argument;
    abort();
}

static int ask(void *argument, void *result)
{
    (void)argument;
    *(int *)result = prepared;
    return 0;
}

static int own_pid(void *argument, void *result)
{
    (void)argument;
    *(pid_t *)result = getpid();
    return 0;
}

static void check_initializer(void)
{
    int answer = 42, result = 0;
    struct pool_options options = {
        .workers = 2, .initializer = prepare, .initializer_argument = &answer};
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    for (int i = 0; i < 20; i++) {
        struct future *future = future_submit(pool, ask, NULL, 0, sizeof result);
        CHECK(future != NULL && future_result(future, guard(10), &result) == FUTURE_OK);
        CHECK(result == 42);
        CHECK(future_free(future) == 0);
    }
    CHECK(count_reaches(initialized, 2, SOON), "waited for two initializers");
    /* The initializer also runs in a worker that replaces another. */
    CHECK(kill(pool_worker(pool, 0), SIGKILL) == 0);
    CHECK(count_reaches(initialized, 3, SOON), "waited for a third initializer");
    CHECK(pool_close(pool) == 0);
    CHECK(count_now(initialized) == 3);
}

static void check_failing_initializer(int (*initializer)(void *))
{
    struct pool_options options = {.workers = 2, .initializer = initializer};
    int result;
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    struct future *future = future_submit(pool, ask, NULL, 0, sizeof result);
    if (future != NULL) { /* else the pool was already broken */
        CHECK(future_result(future, guard(20), &result) == FUTURE_BROKEN);
        CHECK(strcmp(future_error(future), "pool broken: the initializer failed") == 0);
    } else {
        CHECK(errno == EOWNERDEAD);
    }
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

static void check_tasks_per_worker(void)
{
    struct pool_options options = {.workers = 2, .tasks_per_worker = 3};
    pid_t pids[30];
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    for (int i = 0; i < 30; i++) {
        struct future *future = future_submit(pool, own_pid, NULL, 0, sizeof(pid_t));
        CHECK(future != NULL && future_result(future, guard(10), &pids[i]) == FUTURE_OK);
        CHECK(future_free(future) == 0);
    }
    for (int i = 0; i < 30; i++) {
        int same = 0;
        for (int j = 0; j < 30; j++)
            same += pids[j] == pids[i];
        CHECK(same <= 3);
    }
    CHECK(pool_close(pool) == 0);
}

static void check_two_pools(void)
{
    struct pool *one = pool_open(2), *two = pool_open(1);
    CHECK(one != NULL && two != NULL);
    for (int i = 0; i < 5; i++) {
        check_pool_works(one);
        check_pool_works(two);
    }
    CHECK(kill(pool_foreman(one), SIGKILL) == 0);
    check_pool_works(two);
    CHECK_FAILS(pool_close(one) == -1, EOWNERDEAD);
    check_pool_works(two);
    CHECK(pool_close(two) == 0);
}

/* The CPUs that this process may use; taskset may leave it fewer than the machine has. */
static int cpus_allowed(void)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    return CPU_COUNT(&set);
}

int main(void)
{
    initialized = share(sizeof *initialized);
    check_initializer();
    check_failing_initializer(refuse);
    check_failing_initializer(crash);
    check_tasks_per_worker();
    check_two_pools();
    struct pool *pool = pool_open(0);
    CHECK(pool != NULL && pool_workers(pool) == cpus_allowed());
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
