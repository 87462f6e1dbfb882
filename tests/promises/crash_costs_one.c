/*
 * Promise 4: a crash of any kind costs one task. The task's future says how the worker died, the
 * worker is replaced, and all other tasks are done.
 */
#include <signal.h>
#include <sys/wait.h>

#include "promise.h"

enum death {
    SEGFAULT,
    ABORT,
    EXIT_3,
    EXIT_0,
    PLAIN_EXIT,
    KILLED,
    NONE
};

static int die(void *argument, void *result)
{
    *(int *)result = 1;
    switch (*(enum death *)argument) {
    case SEGFAULT:
        raise(SIGSEGV);
        break;
    case ABORT:
        abort();
    case EXIT_3:
        _exit(3);
    case EXIT_0:
        _exit(0);
    case PLAIN_EXIT:
        exit(0);
    case KILLED:
        raise(SIGKILL);
        break;
    case NONE:
        break;
    }
    return 0;
}

static const struct expected {
    enum death death;
    const char *message;
} expected[] = {
    {SEGFAULT, "killed by signal 11 (Segmentation fault)"},
    {ABORT, "killed by signal 6 (Aborted)"},
    {EXIT_3, "exited with status 3"},
    {EXIT_0, "exited with status 0"},
    {PLAIN_EXIT, "exited with status 0"},
    {KILLED, "killed by signal 9 (Killed)"},
};

static struct future *submit(struct pool *pool, enum death death)
{
    struct future *future = future_submit(pool, die, &death, sizeof death, sizeof(int));
    CHECK(future != NULL);
    return future;
}

static void check_death(struct pool *pool, const struct expected *one)
{
    struct future *futures[9];
    for (int i = 0; i < 9; i++)
        futures[i] = submit(pool, i == 4 ? one->death : NONE);
    for (int i = 0; i < 9; i++) {
        int result = 0;
        enum future_status status = future_result(futures[i], guard(10), &result);
        CHECK(status == (i == 4 ? FUTURE_LOST : FUTURE_OK));
        CHECK(result == (i == 4 ? 0 : 1));
        if (i == 4 && strcmp(future_error(futures[i]), one->message) != 0) {
            fprintf(stderr, "'%s', not '%s'\n", future_error(futures[i]), one->message);
            exit(1);
        }
        CHECK(future_free(futures[i]) == 0);
    }
    check_pool_works(pool);
}

static void check_replacement(struct pool *pool)
{
    double end = seconds_now() + guard(SOON);
    for (int i = 0; i < pool_workers(pool); i++)
        while (pool_worker(pool, i) == 0 || kill(pool_worker(pool, i), 0) != 0) {
            CHECK(seconds_now() < end, "waited for worker %d to be replaced", i);
            sleep_for(0.001);
        }
}

int main(void)
{
    for (int workers = 1; workers <= 3; workers++) {
        struct pool *pool = pool_open(workers);
        CHECK(pool != NULL);
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
            check_death(pool, &expected[i]);
        check_replacement(pool);
        CHECK(pool_close(pool) == 0);
    }
    puts("ok");
    return 0;
}
