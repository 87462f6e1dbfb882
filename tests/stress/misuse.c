/*
 * misuse.c: calls that must fail with an error, and programs that have threads, children and
 * signal handlers of their own. More such calls are in tests/promises/misuse.c.
 *
 *     build/tests/stress/misuse [NAME...]
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "smoke.h"
#include "stress.h"

static void nothing(void *argument)
{
    (void)argument;
}

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static int linger(void *argument, void *result)
{
    (void)argument, (void)result;
    sleep_for(20);
    return 0;
}

static struct pool *open_pool(int workers)
{
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL, "pool_open");
    watchdog(15, pool);
    return pool;
}

static struct future *submit(struct pool *pool, future_function *work, int x)
{
    struct future *future = future_submit(pool, work, &x, sizeof x, sizeof x);
    CHECK(future != NULL, "future_submit");
    return future;
}

static void expect_square(struct pool *pool, int x)
{
    int result = 0;
    struct future *future = submit(pool, square, x);
    CHECK(future_result(future, guard(10), &result) == FUTURE_OK && result == x * x,
          "square: %s, %d", future_status_name(future_status(future)), result);
    CHECK(future_free(future) == 0, "future_free");
}

/* ---- Calls ---- */

static void nulls(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    int x = 1;
    CHECK_FAILS(pool_submit(NULL, nothing, NULL, 0) == -1, EINVAL);
    CHECK_FAILS(task_new(NULL, nothing, 0) == NULL, EINVAL);
    CHECK_FAILS(task_new(pool, NULL, 0) == NULL, EINVAL);
    CHECK_FAILS(task_publish(NULL) == -1, EINVAL);
    CHECK_FAILS(task_limit(NULL, 1) == -1, EINVAL);
    CHECK_FAILS(task_wait(NULL, 1) == -1, EINVAL);
    CHECK_FAILS(task_cancel(NULL) == -1, EINVAL);
    CHECK_FAILS(task_stop(NULL) == -1, EINVAL);
    CHECK(task_free(NULL) == 0, "task_free");
    CHECK_FAILS(batch_open(NULL) == NULL, EINVAL);
    CHECK_FAILS(batch_add(NULL, NULL) == -1, EINVAL);
    CHECK_FAILS(batch_next(NULL, 1) == NULL, EINVAL);
    batch_close(NULL);
    CHECK_FAILS(future_submit(NULL, square, &x, sizeof x, sizeof x) == NULL, EINVAL);
    CHECK_FAILS(future_result(NULL, 1, NULL) == FUTURE_MISUSE, EINVAL);
    CHECK_FAILS(future_status(NULL) == FUTURE_MISUSE, EINVAL);
    CHECK(future_done(NULL) && !future_running(NULL) && !future_cancelled(NULL), "look");
    CHECK(!future_cancel(NULL) && !future_stop(NULL), "cancel, stop");
    CHECK(future_value(NULL) == NULL && future_returned(NULL) == 0, "value");
    CHECK(future_free(NULL) == 0 && strcmp(future_error(NULL), "no future") == 0, "free");
    CHECK(future_print(NULL, stderr) > 0 && fputc('\n', stderr), "future_print");
    struct future *two[2] = {submit(pool, square, 2), NULL};
    CHECK_FAILS(future_wait_all(two, 2, 5) == FUTURE_MISUSE, EINVAL);
    CHECK_FAILS(future_wait_first(two, 2, 5) == -1, EINVAL);
    CHECK_FAILS(completions_open(two + 1, 1) == NULL, EINVAL);
    CHECK_FAILS(completions_open(NULL, 1) == NULL, EINVAL);
    CHECK_FAILS(completions_next(NULL, 1) == NULL, EINVAL);
    completions_close(NULL);
    CHECK_FAILS(future_map(NULL, square, &x, 1, 4, &x, 4, NULL) == FUTURE_MISUSE, EINVAL);
    CHECK(pool_workers(NULL) == 0 && pool_worker(NULL, 0) == 0 &&
              pool_foreman(NULL) == 0 && pool_waiting(NULL) == 0 &&
              pool_broken(NULL) != NULL,
          "looking at no pool");
    pool_print(NULL, stderr);
    CHECK(pool_close(NULL) == 0 && pool_abort(NULL) == 0, "pool_close");
    CHECK(pool_close(pool) == 0, "pool_close");
}

static void after_close(void *unused)
{
    (void)unused;
    int x = 1;
    struct pool *pool = open_pool(2);
    watchdog(15, NULL);
    CHECK(pool_close(pool) == 0, "pool_close");
    CHECK_FAILS(pool_close(pool) == -1, EINVAL);
    CHECK_FAILS(pool_abort(pool) == -1, EINVAL);
    CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) == -1, EINVAL);
    CHECK_FAILS(task_new(pool, nothing, 0) == NULL, EINVAL);
    CHECK_FAILS(batch_open(pool) == NULL, EINVAL);
    CHECK_FAILS(future_submit(pool, square, &x, sizeof x, sizeof x) == NULL, EINVAL);
    CHECK_FAILS(future_map(pool, square, &x, 1, 4, &x, 4, NULL) == FUTURE_MISUSE, EINVAL);
    CHECK(pool_workers(pool) == 0 && pool_worker(pool, 0) == 0 &&
              pool_foreman(pool) == 0 && pool_waiting(pool) == 0 &&
              pool_broken(pool) != NULL,
          "looking at a closed pool");
    pool_print(pool, stderr);
}

static void given_back_twice(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    struct future *future = submit(pool, square, 3), *running = submit(pool, linger, 0);
    CHECK(future_result(future, guard(10), NULL) == FUTURE_OK, "future_result");
    while (!future_running(running))
        sleep_for(0.001);
    CHECK(future_free(future) == 0, "future_free");
    CHECK_FAILS(future_free(future) == -1, EINVAL);
    CHECK(future_free(running) == 0, "future_free");
    CHECK_FAILS(future_free(running) == -1, EINVAL);
    for (int i = 0; i < 100; i++)
        expect_square(pool, i);
    CHECK(pool_abort(pool) == 1, "pool_abort");
}

static void in_the_wrong_order(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1), *other = open_pool(1);
    struct task *task = task_new(pool, nothing, 0);
    struct batch *batch = batch_open(pool), *others = batch_open(other);
    CHECK(task != NULL && batch != NULL && others != NULL, "task_new, batch_open");
    CHECK_FAILS(task_wait(task, 1) == -1, EINVAL);
    CHECK_FAILS(task_cancel(task) == -1, EINVAL);
    CHECK_FAILS(task_stop(task) == -1, EINVAL);
    CHECK_FAILS(batch_add(batch, task) == -1, EINVAL);
    CHECK_FAILS(task_limit(task, 0) == -1, EINVAL);
    CHECK_FAILS(task_limit(task, -1) == -1, EINVAL);
    CHECK_FAILS(task_limit(task, (double)NAN) == -1, EINVAL);
    CHECK(task_limit(task, (double)INFINITY) == 0, "task_limit");
    CHECK(task_publish(task) == 0, "task_publish");
    CHECK_FAILS(task_publish(task) == -1, EINVAL);
    CHECK_FAILS(task_limit(task, 1) == -1, EINVAL);
    CHECK_FAILS(batch_add(others, task) == -1, EINVAL);
    CHECK(batch_add(batch, task) == 0 && batch_next(batch, guard(10)) == task, "batch");
    CHECK_FAILS(task_cancel(task) == -1, EALREADY);
    CHECK_FAILS(task_stop(task) == -1, EALREADY);
    CHECK(task_free(task) == 0, "task_free");
    CHECK_FAILS(task_publish(task) == -1, EINVAL);
    struct future *two[2] = {submit(pool, square, 1), submit(other, square, 2)};
    CHECK_FAILS(future_wait_first(two, 2, 1) == -1, EINVAL);
    CHECK(future_wait_all(two, 2, 10) == FUTURE_OK, "future_wait_all");
    batch_close(batch);
    batch_close(others);
    CHECK(pool_close(pool) == 0 && pool_close(other) == 0, "pool_close");
}

static void sizes(void *unused)
{
    (void)unused;
    int x = 4;
    struct pool *pool = open_pool(1);
    const bool wide =
        SIZE_MAX > UINT32_MAX; /* on 32 bits, 2^28 is more than a pool has */
    for (int bits = wide ? 37 : 28; bits < (int)sizeof(size_t) * 8; bits++)
        for (int less = 0; less < 80; less += 13) {
            size_t size = ((size_t)1 << bits) - (size_t)less;
            CHECK_FAILS(task_new(pool, nothing, size) == NULL, ENOMEM);
            CHECK_FAILS(pool_submit(pool, nothing, &x, size) == -1, ENOMEM);
            CHECK_FAILS(future_submit(pool, square, &x, 4, size) == NULL, ENOMEM);
            CHECK_FAILS(future_submit(pool, square, &x, size, 4) == NULL,
                        wide ? EOVERFLOW : ENOMEM);
            CHECK_FAILS(future_map(pool, square, &x, size, 4, &x, 4,
                                   &(struct map_options){.chunk = SIZE_MAX}) ==
                            FUTURE_MISUSE,
                        ENOMEM);
        }
    for (size_t size = SIZE_MAX; size > SIZE_MAX - 200; size--) {
        CHECK_FAILS(task_new(pool, nothing, size) == NULL, ENOMEM);
        CHECK_FAILS(future_submit(pool, square, &x, 4, size) == NULL, ENOMEM);
        CHECK_FAILS(future_submit(pool, square, &x, size, size) == NULL, EOVERFLOW);
        CHECK_FAILS(future_map(pool, square, &x, size, size, &x, size, NULL) ==
                        FUTURE_MISUSE,
                    ENOMEM);
        CHECK_FAILS(pool_open_with(&(struct pool_options){.memory = size}) == NULL,
                    ENOMEM);
    }
    expect_square(pool, 5);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static void timeouts(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    struct future *future = submit(pool, linger, 0), *quick;
    struct batch *batch = batch_open(pool);
    CHECK(batch != NULL && batch_add(batch, task_of(future)) == 0, "batch");
    double nan = (double)NAN;
    for (int sign = -1; sign <= 1; sign += 2) {
        CHECK_FAILS(future_result(future, sign * nan, NULL) == FUTURE_MISUSE, EINVAL);
        CHECK_FAILS(batch_next(batch, sign * nan) == NULL, EINVAL);
        CHECK_FAILS(task_wait(task_of(future), sign * nan) == -1, EINVAL);
        CHECK_FAILS(future_wait_all(&future, 1, sign * nan) == FUTURE_MISUSE, EINVAL);
        CHECK_FAILS(future_wait_first(&future, 1, sign * nan) == -1, EINVAL);
    }
    const double none[] = {0, -0.0, 1e-300, 1e-9};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(future_result(future, none[i], NULL) == FUTURE_TIMEOUT, "%g s", none[i]);
    const double forever[] = {POOL_FOREVER,      -1e300, (double)INFINITY,
                              -(double)INFINITY, 1e10,   1e300};
    for (size_t i = 0; i < sizeof forever / sizeof *forever; i++) {
        quick = submit(pool, square, 2);
        CHECK(future_result(quick, forever[i], NULL) == FUTURE_OK, "%g s", forever[i]);
    }
    batch_close(batch);
    CHECK(pool_abort(pool) == 0, "pool_abort");
}

/* ---- From inside a worker ---- */

static struct pool *outer;

/* Returns 0, or the number of the first call that did not fail as it should. */
static int call_everything(void *argument, void *result)
{
    (void)argument;
    struct future *self = future_current();
    struct pool *pool = task_pool(task_of(self));
    struct task *task = task_of(self);
    int wrong = 0, x = 0;
#define REFUSED(call)                                                                    \
    do {                                                                                 \
        errno = 0;                                                                       \
        if (wrong == 0 && (!(call) || errno != EPERM))                                   \
            wrong = __LINE__;                                                            \
    } while (0)
    REFUSED(pool_submit(pool, nothing, NULL, 0) == -1);
    REFUSED(task_new(pool, nothing, 0) == NULL);
    REFUSED(task_wait(task, 0) == -1);
    REFUSED(task_cancel(task) == -1);
    REFUSED(task_stop(task) == -1);
    REFUSED(task_free(task) == -1);
    REFUSED(task_publish(task) == -1);
    REFUSED(task_limit(task, 1) == -1);
    REFUSED(batch_open(pool) == NULL);
    REFUSED(future_submit(pool, square, &x, sizeof x, sizeof x) == NULL);
    REFUSED(future_result(self, 0, NULL) == FUTURE_MISUSE);
    REFUSED(future_wait_all(&self, 1, 0) == FUTURE_MISUSE);
    REFUSED(future_wait_first(&self, 1, 0) == -1);
    REFUSED(future_map(pool, square, &x, 1, 4, &x, 4, NULL) == FUTURE_MISUSE);
    REFUSED(pool_close(pool) == -1);
    REFUSED(pool_abort(pool) == -1);
    if (future_cancel(self) || future_stop(self) || pool_broken(pool) != NULL ||
        !future_running(self) || pool_workers(pool) != 2)
        wrong = __LINE__;
    *(int *)result = wrong;
    return 0;
}

static void from_a_worker(void *unused)
{
    (void)unused;
    int wrong = -1;
    struct pool *pool = open_pool(2);
    struct future *future = submit(pool, call_everything, 0);
    CHECK(future_result(future, guard(10), &wrong) == FUTURE_OK && wrong == 0,
          "from a worker: %s, line %d", future_error(future), wrong);
    expect_square(pool, 9);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A worker opens a pool of its own. */
static int open_inner(void *argument, void *result)
{
    struct pool *pool = pool_open(2);
    if (pool == NULL)
        return 1;
    expect_square(pool, *(int *)argument);
    if (*(int *)argument == 0) { /* this worker is killed while its own pool is open */
        submit(pool, linger, 0);
        raise(SIGKILL);
    }
    *(int *)result = pool_close(pool);
    return 0;
}

static void a_pool_in_a_worker(void *unused)
{
    (void)unused;
    int result = -1;
    struct pool *pool = open_pool(2);
    struct future *good = submit(pool, open_inner, 5), *bad = submit(pool, open_inner, 0);
    CHECK(future_result(good, guard(10), &result) == FUTURE_OK && result == 0, "%s",
          future_error(good));
    CHECK(future_result(bad, guard(10), NULL) == FUTURE_LOST, "%s", future_error(bad));
    expect_square(pool, 6);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int try_in_initializer(void *pool)
{
    (void)pool;
    return pool_submit(outer, nothing, NULL, 0) == -1 && errno == EPERM ? 0 : 1;
}

static void from_an_initializer(void *unused)
{
    (void)unused;
    outer = open_pool(1);
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = 2, .initializer = try_in_initializer});
    CHECK(pool != NULL, "pool_open_with");
    expect_square(pool, 3);
    CHECK(pool_close(pool) == 0 && pool_close(outer) == 0, "pool_close");
}

/* ---- Tasks that do what they should not ---- */

static int end_somehow(void *argument, void *result)
{
    (void)result;
    switch (*(int *)argument) {
    case 0:
        exit(0);
    case 1:
        _exit(3);
    case 2:
        execl("/bin/true", "true", (char *)NULL);
        return 1;
    case 3:
#ifdef __SANITIZE_ADDRESS__
        exit(0); /* else the sanitizer reports leaks: pointers on the thread's stack */
#endif
        pthread_exit(NULL);
    case 4:
        abort();
    case 5:
        raise(SIGSTOP); /* no process sends SIGCONT: the time limit ends the task */
        return 0;
    case 6:
        if (fork() == 0)
            return 0; /* the child must not become a second worker */
        return 0;
    case 7:
        kill(getppid(), SIGINT), kill(getppid(), SIGTERM), kill(getppid(), SIGUSR1);
        return 0;
    default:
        for (int i = 0; i < 1000; i++)
            close(i);
        signal(SIGTERM, SIG_IGN);
        return 0;
    }
}

static void tasks_that_end_somehow(void *unused)
{
    (void)unused;
    static const struct {
        enum future_status status;
        int how;
    } expected[] = {
        {FUTURE_LOST, 0}, {FUTURE_LOST, 3 << 8},  {FUTURE_LOST, 0},
        {FUTURE_LOST, 0}, {FUTURE_LOST, SIGABRT}, {FUTURE_EXPIRED, 0},
        {FUTURE_OK, 0},   {FUTURE_OK, 0},         {FUTURE_OK, 0},
    };
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    struct pool *pool = open_pool(2);
    for (int i = 0; i < (int)(sizeof expected / sizeof *expected); i++) {
        struct future *future = future_submit_limited(
            pool, i == 5 ? 0.1 : 10, end_somehow, &i, sizeof i, sizeof i);
        CHECK(future != NULL, "future_submit_limited");
        enum future_status status = future_result(future, guard(10), NULL);
        CHECK(status == expected[i].status &&
                  future_worker_status(future) == expected[i].how,
              "task %d: %s, %#x", i, future_status_name(status),
              (unsigned)future_worker_status(future));
        expect_square(pool, i);
    }
    smoke_and_close(pool);
    CHECK(!was_refused(), "something was refused");
}

/* ---- Programs with threads, children and signals of their own ---- */

static _Atomic bool enough;

/* Only with a C library whose fork() resets the locks of stdio. */
#ifdef __GLIBC__
#define WRITE_TEXT(stream, text) fputs(text, stream)
#else
#define WRITE_TEXT(stream, text) (void)0
#endif

/* Only where fork() resets the locks of the heap; AddressSanitizer's heap does not. */
#ifdef __SANITIZE_ADDRESS__
#define HEAP_OUTLIVES_FORK false
#else
#define HEAP_OUTLIVES_FORK true
#endif

static void *be_busy(void *unused)
{
    char text[100];
    FILE *null = fopen("/dev/null", "w");
    (void)unused;
    if (null == NULL)
        return NULL;
    while (!atomic_load(&enough)) {
        void *memory = malloc(1000);
        snprintf(text, sizeof text, "%p", memory);
        WRITE_TEXT(null, text);
        free(memory);
    }
    fclose(null);
    return NULL;
}

/* The tasks use heap and stdio. Threads of the program held their locks when the workers were
 * forked. */
static int use_heap_and_stdio(void *argument, void *result)
{
    char text[100];
    void *memory = HEAP_OUTLIVES_FORK ? malloc(5000) : NULL;
    snprintf(text, sizeof text, "%p\n", memory);
    free(memory);
    return square(argument, result);
}

static void threads(void *unused)
{
    (void)unused;
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&thread[i], NULL, be_busy, NULL) == 0, "pthread_create");
    for (int round = 0; round < 10; round++) {
        struct pool *pool = open_pool(3);
        for (int i = 0; i < 10; i++) {
            struct future *future = submit(pool, use_heap_and_stdio, i);
            CHECK(future_result(future, guard(10), NULL) == FUTURE_OK, "%s",
                  future_error(future));
        }
        kill(pool_worker(pool, 0), SIGKILL); /* the foreman forks the next one */
        expect_square(pool, round);
        CHECK(pool_close(pool) == 0, "pool_close");
    }
    atomic_store(&enough, true);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
}

static void *open_and_close(void *unused)
{
    (void)unused;
    for (int i = 0; i < 8; i++) {
        struct pool *pool = pool_open(2);
        CHECK(pool != NULL, "pool_open");
        expect_square(pool, i);
        CHECK(pool_close(pool) == 0, "pool_close");
    }
    return NULL;
}

static void a_pool_for_each_thread(void *unused)
{
    (void)unused;
    pthread_t thread[4];
    watchdog(15, NULL);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&thread[i], NULL, open_and_close, NULL) == 0, "pthread");
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

static void *open_in_thread(void *pool)
{
    *(struct pool **)pool = pool_open(2);
    return NULL;
}

static struct pool *open_in_a_thread_that_ends(void)
{
    pthread_t thread;
    struct pool *pool = NULL;
    CHECK(pthread_create(&thread, NULL, open_in_thread, &pool) == 0, "pthread_create");
    pthread_join(thread, NULL);
    CHECK(pool != NULL, "pool_open");
    sleep_for(0.05); /* for the signal to the foreman that its parent thread has ended */
    return pool;
}

static void die_after_the_thread(void *unused)
{
    (void)unused;
    struct pool *pool = open_in_a_thread_that_ends();
    struct future *last = NULL;
    for (int i = 0; i < 2; i++)
        last = submit(pool, linger, 0);
    while (!future_running(last))
        sleep_for(0.001);
    raise(SIGKILL);
}

static void opened_in_a_thread_that_ends(void *unused)
{
    (void)unused;
    struct pool *pool = open_in_a_thread_that_ends();
    watchdog(15, pool);
    smoke_and_close(pool);
    CHECK(!was_refused(), "something was refused");
    run_apart(die_after_the_thread, NULL, 10);
}

static void die_before_a_child(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    submit(pool, linger, 0);
    pid_t child = fork();
    if (child == 0) {
        sleep_for(0.3);
        _exit(0);
    }
    raise(SIGKILL);
}

static void forks_on_its_own(void *unused)
{
    (void)unused;
    int status;
    struct pool *pool = open_pool(2);
    struct batch *batch = batch_open(pool);
    struct future *waits = submit(pool, square, 1);
    CHECK(batch != NULL && batch_add(batch, task_of(waits)) == 0, "batch");
    for (int i = 0; i < 5; i++) {
        pid_t child = fork();
        CHECK(child >= 0, "fork");
        if (child == 0) {
            struct pool *own = pool_open(1);
            CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) == -1, EPERM);
            CHECK_FAILS(batch_add(batch, task_of(waits)) == -1, EPERM);
            CHECK_FAILS(batch_next(batch, 1) == NULL, EPERM);
            CHECK_FAILS(future_free(waits) == -1, EPERM);
            CHECK(own != NULL, "pool_open");
            expect_square(own, i);
            CHECK(pool_close(own) == 0, "pool_close");
            CHECK_FAILS(pool_close(pool) == -1, EPERM);
            exit(5);
        }
        expect_square(pool, i);
        CHECK(waitpid(child, &status, 0) == child && status == 5 << 8, "status %#x",
              (unsigned)status);
    }
    CHECK(batch_size(batch) == 1 && batch_next(batch, guard(5)) == task_of(waits),
          "batch");
    batch_close(batch);
    smoke_and_close(pool);
    CHECK(!was_refused(), "something was refused");
    run_apart(die_before_a_child, NULL, 5);
}

static void ignores_sigchld(void *unused)
{
    (void)unused;
    signal(SIGCHLD, SIG_IGN);
    struct pool *pool = open_pool(2);
    smoke_and_close(pool);
    CHECK(!was_refused(), "something was refused");
    pool = open_pool(2);
    kill(pool_foreman(pool), SIGKILL);
    struct future *future = submit(pool, linger, 0);
    CHECK(future_result(future, guard(5), NULL) == FUTURE_BROKEN, "not broken");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

static void reap_all(int number)
{
    int saved = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = saved;
}

static void reaps_all_children(void *unused)
{
    (void)unused;
    signal(SIGCHLD, reap_all);
    struct pool *pool = open_pool(2);
    smoke_and_close(pool);
    CHECK(!was_refused(), "something was refused");
}

/* Check the signals in a worker. Returns 0, or a number that says what is wrong. */
static int look_at_signals(void *argument, void *result)
{
    struct sigaction action;
    sigset_t mask;
    int wrong = 0;
    (void)argument;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < 65; number++) {
        if (sigismember(&mask, number) == 1)
            wrong = number;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            wrong = number + 100;
    }
    *(int *)result = wrong;
    return 0;
}

static void blocks_and_ignores(void *unused)
{
    (void)unused;
    sigset_t all, before, after;
    int wrong = -1;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    for (int number = 1; number < 32; number++)
        if (number != SIGCHLD && number != SIGALRM)
            signal(number, SIG_IGN);
    sigprocmask(SIG_SETMASK, &all, &before);
    struct pool *pool = open_pool(2);
    struct future *future = submit(pool, look_at_signals, 0);
    CHECK(future_result(future, guard(10), &wrong) == FUTURE_OK && wrong == 0,
          "signal %d", wrong);
    smoke_and_close(pool);
    sigprocmask(SIG_SETMASK, &before, &after);
    CHECK(!was_refused() && sigismember(&after, SIGCHLD) == 1, "the mask has changed");
}

/* Where LeakSanitizer looks, it must not take the handles for leaks of the child's. */
static void a_child_exits_after_closed_pools(void *unused)
{
    (void)unused;
    struct pool *first = open_pool(1), *second = open_pool(1);
    CHECK(pool_close(first) == 0 && pool_close(second) == 0, "pool_close");
    int status;
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0)
        exit(0);
    CHECK(waitpid(child, &status, 0) == child && status == 0, "status %x", status);
}

/* ---- Threads that are cancelled ---- */

static struct count *cancelled_gate;
static atomic_bool enough;

static int wait_for_gate(void *argument, void *result)
{
    (void)argument;
    (void)result;
    CHECK(count_reaches(cancelled_gate, 1, 60), "the gate was never opened");
    return 0;
}

static void task_for_gate(void *argument)
{
    wait_for_gate(argument, NULL);
}

static void *wait_for_future(void *future)
{
    CHECK(future_result(future, POOL_FOREVER, NULL) == FUTURE_OK, "future_result");
    return NULL;
}

static void *submit_to_full_queue(void *pool)
{
    while (!enough)
        CHECK(pool_submit(pool, task_for_gate, NULL, 0) == 0 || errno == EAGAIN);
    return NULL;
}

/* Cancel the thread. For longer than the interval at which a wait looks for the foreman, it must
 * not end: it holds the pool. */
static void cancel(pthread_t thread)
{
    CHECK(pthread_cancel(thread) == 0, "pthread_cancel");
    for (double end = seconds_now() + 0.25; seconds_now() < end;) {
        CHECK(pthread_tryjoin_np(thread, NULL) == EBUSY, "it ended in the pool");
        sleep_for(0.01);
    }
}

static void *open_in_vain(void *opened)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    count_set(opened, 1);
    CHECK(count_reaches(opened, 2, 60), "it is cancelled");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
    struct pool *pool = open_pool(1);
    count_set(opened, 3);
    pool_close(pool);
    return NULL;
}

static pid_t program;
static struct count *elsewhere;

static void only_in_the_program(void)
{
    if (getpid() != program)
        count_add(elsewhere, 1);
}

/* The request is the thread's, and not the foreman's. */
static void cancelled_before_it_opens(void *unused)
{
    (void)unused;
    struct count *opened = share(sizeof *opened);
    pthread_t thread;
    void *result;
    program = getpid();
    elsewhere = share(sizeof *elsewhere);
    atexit(only_in_the_program);
    CHECK(pthread_create(&thread, NULL, open_in_vain, opened) == 0);
    CHECK(count_reaches(opened, 1, 60), "the thread began");
    CHECK(pthread_cancel(thread) == 0, "pthread_cancel");
    count_set(opened, 2);
    CHECK(pthread_join(thread, &result) == 0, "pthread_join");
    CHECK(result == PTHREAD_CANCELED && count_now(opened) == 2, "it opened a pool");
    CHECK(count_now(elsewhere) == 0, "the foreman called a function of atexit()");
}

static int cancel_myself(void *argument, void *result)
{
    (void)argument;
    (void)result;
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return 0;
}

static void a_task_cancels_its_thread(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    struct future *future = future_submit(pool, cancel_myself, NULL, 0, 0);
    CHECK(future_result(future, guard(10), NULL) == FUTURE_LOST, "it went on");
    smoke_and_close(pool);
}

static void cancelled_threads(void *unused)
{
    (void)unused;
    pthread_t thread;
    cancelled_gate = share(sizeof *cancelled_gate);
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .waiting = 4});
    CHECK(pool != NULL, "pool_open_with");
    struct future *future = future_submit(pool, wait_for_gate, NULL, 0, 0);
    CHECK(pthread_create(&thread, NULL, wait_for_future, future) == 0);
    cancel(thread);
    count_set(cancelled_gate, 1);
    CHECK(pthread_join(thread, NULL) == 0, "pthread_join");
    count_set(cancelled_gate, 0);
    CHECK(pthread_create(&thread, NULL, submit_to_full_queue, pool) == 0);
    cancel(thread);
    enough = true;
    CHECK(pthread_join(thread, NULL) == 0, "pthread_join");
    count_set(cancelled_gate, 1);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* When the program opens a file as its new standard output, the trace must not go there. */
static void closed_0_1_2(void *unused)
{
    (void)unused;
    char line[200] = "";
    setenv("POOL_TRACE", "/dev/null", 1);
    int errors = dup(2);
    CHECK(errors >= 0, "dup");
    for (int i = 0; i < 3; i++)
        close(i);
    struct pool *pool = open_pool(2);
    char name[] = "/tmp/misuse-XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    expect_square(pool, 3);
    expect_square(pool, 4);
    CHECK(pool_close(pool) == 0, "pool_close");
    dup2(errors, 2);
    close(errors);
    CHECK(file == 0, "the pool took descriptor 0: the file is %d", file);
    CHECK(lseek(file, 0, SEEK_SET) == 0 && read(file, line, sizeof line) == 0,
          "the trace is in the program's file: %.100s", line);
}

static const struct stress_case cases[] = {
    {"nulls", nulls},
    {"after_close", after_close},
    {"given_back_twice", given_back_twice},
    {"in_the_wrong_order", in_the_wrong_order},
    {"sizes", sizes},
    {"timeouts", timeouts},
    {"from_a_worker", from_a_worker},
    {"a_pool_in_a_worker", a_pool_in_a_worker},
    {"from_an_initializer", from_an_initializer},
    {"tasks_that_end_somehow", tasks_that_end_somehow},
    {"threads", threads},
    {"a_pool_for_each_thread", a_pool_for_each_thread},
    {"opened_in_a_thread_that_ends", opened_in_a_thread_that_ends},
    {"forks_on_its_own", forks_on_its_own},
    {"ignores_sigchld", ignores_sigchld},
    {"reaps_all_children", reaps_all_children},
    {"blocks_and_ignores", blocks_and_ignores},
    {"closed_0_1_2", closed_0_1_2},
    {"a_child_exits_after_closed_pools", a_child_exits_after_closed_pools},
    {"cancelled_threads", cancelled_threads},
    {"cancelled_before_it_opens", cancelled_before_it_opens},
    {"a_task_cancels_its_thread", a_task_cancels_its_thread},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
