/*
 * Promise 13: misuse is reported as a clear error.
 */
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "promise.h"

static struct pool *pool;

static void nothing(void *argument)
{
    (void)argument;
}

static int returns_minus_one(void *argument, void *result)
{
    (void)argument, (void)result;
    return -1;
}

/* Call the pool's functions in a worker, where they must fail with EPERM. The result is the number
 * of a call that does not. */
static int call_from_worker(void *argument, void *result)
{
    struct future *self = future_current();
    int wrong = 0;
    (void)argument;
    /* The worker's copy of the variable was made before pool_open() returned. */
    pool = task_pool(task_of(self));
    errno = 0;
    if (pool_submit(pool, nothing, NULL, 0) != -1 || errno != EPERM)
        wrong = 1;
    if (future_submit(pool, square, &wrong, sizeof wrong, sizeof wrong) != NULL)
        wrong = 2;
    if (future_result(self, 0, NULL) != FUTURE_MISUSE || errno != EPERM)
        wrong = 3;
    if (pool_close(pool) != -1 || errno != EPERM)
        wrong = 4;
    if (future_cancel(self) || future_free(self) != -1)
        wrong = 5;
    if (batch_open(pool) != NULL || errno != EPERM)
        wrong = 6;
    *(int *)result = wrong;
    return 0;
}

static void check_open(void)
{
    CHECK_FAILS(pool_open(-1) == NULL, EINVAL);
    CHECK_FAILS(pool_open(POOL_MAX_WORKERS + 1) == NULL, EINVAL);
    CHECK_FAILS(pool_open(1000000) == NULL, EINVAL);
    CHECK_FAILS(pool_open_with(NULL) == NULL, EINVAL);
    CHECK_FAILS(pool_open_with(&(struct pool_options){.memory = SIZE_MAX}) == NULL,
                ENOMEM);
    CHECK_FAILS(pool_open_with(&(struct pool_options){.memory = 4096}) == NULL, ENOMEM);
}

static void check_submit(void)
{
    int x = 1;
    CHECK_FAILS(pool_submit(NULL, nothing, NULL, 0) == -1, EINVAL);
    CHECK_FAILS(pool_submit(pool, NULL, NULL, 0) == -1, EINVAL);
    CHECK_FAILS(pool_submit(pool, nothing, NULL, 4) == -1, EINVAL);
    CHECK_FAILS(pool_submit(pool, nothing, &x, SIZE_MAX) == -1, ENOMEM);
    CHECK_FAILS(pool_submit(pool, nothing, &x, SIZE_MAX / 2) == -1, ENOMEM);
    CHECK_FAILS(future_submit(pool, NULL, &x, 4, 4) == NULL, EINVAL);
    CHECK_FAILS(future_submit(pool, square, NULL, 4, 4) == NULL, EINVAL);
    CHECK_FAILS(future_submit(NULL, square, &x, 4, 4) == NULL, EINVAL);
    CHECK_FAILS(future_submit(pool, square, &x, SIZE_MAX, 4) == NULL, EOVERFLOW);
    CHECK_FAILS(future_submit(pool, square, &x, 4, SIZE_MAX) == NULL, ENOMEM);
    CHECK_FAILS(future_submit(pool, square, &x, 4, SIZE_MAX / 16) == NULL, ENOMEM);
    CHECK_FAILS(future_submit_limited(pool, -1, square, &x, 4, 4) == NULL, EINVAL);
    CHECK_FAILS(future_submit_limited(pool, (double)NAN, square, &x, 4, 4) == NULL,
                EINVAL);
    CHECK_FAILS(future_map(pool, square, &x, SIZE_MAX, 4, &x, 4, NULL) == FUTURE_MISUSE,
                ENOMEM);
    check_pool_works(pool);
}

static void check_futures(void)
{
    int x = 1;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(future != NULL);
    CHECK_FAILS(future_result(future, (double)NAN, NULL) == FUTURE_MISUSE, EINVAL);
    CHECK(future_result(future, (double)INFINITY, &x) == FUTURE_OK);
    CHECK(future_result(future, -INFINITY, &x) == FUTURE_OK);
    CHECK(future_free(future) == 0);
    CHECK_FAILS(future_free(future) == -1, EINVAL);
    CHECK(future_free(NULL) == 0);

    CHECK((future = future_submit(pool, returns_minus_one, NULL, 0, 0)) != NULL);
    CHECK(future_result(future, guard(10), NULL) == FUTURE_FAILED);
    CHECK(strcmp(future_error(future), "returned -1") == 0);

    CHECK((future = future_submit(pool, call_from_worker, NULL, 0, sizeof x)) != NULL);
    CHECK(future_result(future, guard(10), &x) == FUTURE_OK);
    CHECK(x == 0);
    CHECK_FAILS(future_wait_first(NULL, 0, 0) == -1, ENOENT);
}

static void check_own_child(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) == -1, EPERM);
        CHECK_FAILS(pool_close(pool) == -1, EPERM);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    check_pool_works(pool);
}

static void check_refused_memory(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        /* There is enough memory for everything except the task's result. */
        struct rlimit limit = {.rlim_cur = (rlim_t)1 << 30, .rlim_max = (rlim_t)1 << 30};
        int x = 2;
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        CHECK((pool = pool_open(2)) != NULL);
        CHECK_FAILS(future_submit(pool, square, &x, 4, (size_t)1 << 30) == NULL, ENOMEM);
        check_pool_works(pool);
        CHECK(pool_close(pool) == 0);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv)
{
    check_open();
    CHECK((pool = pool_open(2)) != NULL);
    check_submit();
    check_futures();
    check_own_child();
    CHECK(pool_close(pool) == 0);
    CHECK(pool_close(NULL) == 0);
    CHECK_FAILS(pool_close(pool) == -1, EINVAL);
    CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) == -1, EINVAL);
    /* AddressSanitizer needs more memory than the limit allows. */
    if (argc < 2 || strcmp(argv[1], "--no-limits") != 0)
        check_refused_memory();
    puts("ok");
    return 0;
}
