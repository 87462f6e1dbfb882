/*
 * Promise 14: threads of the program share a pool. They submit, wait, cancel, stop, free and map
 * at the same time, while workers are killed. When one thread closes the pool, calls that wait in
 * other threads return before the pool is freed.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "program.h"
#include "promise.h"

#define THREADS 8
#define ROUNDS  400

static struct pool *pool;
static struct count *begun;

static int wait_for_ever(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(begun, 1);
    while (pause() != 0)
        continue;
    return 0;
}

static int kill_yourself(void *argument, void *result)
{
    (void)argument, (void)result;
    return raise(SIGKILL);
}

static void nothing(void *argument)
{
    (void)argument;
}

static void expect_result(int x)
{
    int result = -1;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(future != NULL, "submit");
    CHECK(future_result(future, guard(SOON), &result) == FUTURE_OK && result == x * x,
          "the square of %d: %s, %d", x, future_status_name(future_status(future)),
          result);
    CHECK(future_free(future) == 0);
}

static void expect_lost(void)
{
    struct future *future = future_submit(pool, kill_yourself, NULL, 0, 0);
    CHECK(future != NULL, "submit");
    CHECK(future_result(future, guard(SOON), NULL) == FUTURE_LOST, "a killed task: %s",
          future_status_name(future_status(future)));
    CHECK(future_free(future) == 0);
}

static void take_one_back(int x)
{
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(future != NULL, "submit");
    bool cancelled = future_cancel(future);
    enum future_status status = future_result(future, guard(SOON), NULL);
    CHECK(status == (cancelled ? FUTURE_CANCELLED : FUTURE_OK), "cancelled: %d, but %s",
          cancelled, future_status_name(status));
    CHECK(future_free(future) == 0);
}

static void several_at_once(int x)
{
    struct future *futures[5];
    int sum = 0;
    for (int i = 0; i < 5; i++) {
        int value = x + i;
        futures[i] = future_submit(pool, square, &value, sizeof value, sizeof value);
        CHECK(futures[i] != NULL, "submit");
    }
    struct completions *completions = completions_open(futures, 5);
    CHECK(completions != NULL, "completions_open");
    for (int i = 0; i < 5; i++) {
        struct future *future = completions_next(completions, guard(SOON));
        CHECK(future != NULL && future_value(future) != NULL, "completion %d of 5", i);
        sum += *(int *)future_value(future);
        CHECK(future_free(future) == 0);
    }
    completions_close(completions);
    CHECK(sum == 5 * x * x + 20 * x + 30, "the sum for %d: %d", x, sum);
}

static void map_some(int x)
{
    int inputs[20], results[20];
    for (int i = 0; i < 20; i++)
        inputs[i] = x + i;
    CHECK(future_map(pool, square, inputs, 20, sizeof(int), results, sizeof(int), NULL) ==
              FUTURE_OK,
          "map");
    for (int i = 0; i < 20; i++)
        CHECK(results[i] == (x + i) * (x + i), "item %d", i);
}

static void *use_all(void *argument)
{
    int thread = *(int *)argument;
    for (int i = 0; i < ROUNDS; i++) {
        int x = thread * 100 + i % 100;
        expect_result(x);
        CHECK(pool_submit(pool, nothing, NULL, 0) == 0, "pool_submit");
        switch ((i + thread) % 8) {
        case 0:
            take_one_back(x);
            break;
        case 1:
            several_at_once(x);
            break;
        case 2:
            map_some(x);
            break;
        case 3:
            if (i % 5 == 0)
                expect_lost();
            break;
        default:
            break;
        }
    }
    return NULL;
}

static void start_all(pthread_t *threads, void *(*function)(void *))
{
    static int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, function, &numbers[i]) == 0);
    }
}

static void join_all(pthread_t *threads)
{
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void check_all_at_once(void)
{
    pthread_t threads[THREADS];
    pool = pool_open(3);
    CHECK(pool != NULL);
    start_all(threads, use_all);
    join_all(threads);
    CHECK(pool_close(pool) == 0);
}

/* ---- Asleep when the pool is closed ---- */

static struct future *last;
static struct count *asleep;

/* Holds the pool, which may be closed before this thread has called future_result(). */
static void *wait_for_last(void *argument)
{
    enum future_status *status = argument;
    pool_hold(pool);
    count_add(asleep, 1);
    *status = future_result(last, POOL_FOREVER, NULL);
    pool_release(pool);
    return NULL;
}

/* Several threads wait for the same future: its end wakes each of them, and so does pool_abort().
 * */
static void check_sleepers(bool abort_it)
{
    pthread_t threads[THREADS];
    enum future_status status[THREADS];
    count_set(begun, 0);
    count_set(asleep, 0);
    pool = pool_open(1);
    CHECK(pool != NULL);
    last = future_submit(pool, wait_for_ever, NULL, 0, 0);
    CHECK(last != NULL);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, wait_for_last, &status[i]) == 0);
    CHECK(count_reaches(asleep, THREADS, SOON) && count_reaches(begun, 1, SOON),
          "waited for %d threads to wait", THREADS);
    if (abort_it)
        CHECK(pool_abort(pool) == 0);
    else
        CHECK(future_stop(last));
    join_all(threads);
    for (int i = 0; i < THREADS; i++)
        CHECK(status[i] == (abort_it ? FUTURE_BROKEN : FUTURE_STOPPED), "thread %d: %s",
              i, future_status_name(status[i]));
    if (!abort_it)
        CHECK(pool_close(pool) == 0);
}

/* ---- Cancelled by another thread ---- */

static void check_cancelled_by_another(void)
{
    pthread_t thread;
    enum future_status status;
    count_set(begun, 0);
    count_set(asleep, 0);
    pool = pool_open(1);
    CHECK(pool != NULL);
    struct future *runs = future_submit(pool, wait_for_ever, NULL, 0, 0);
    last = future_submit(pool, wait_for_ever, NULL, 0, 0);
    CHECK(runs != NULL && last != NULL);
    CHECK(pthread_create(&thread, NULL, wait_for_last, &status) == 0);
    CHECK(count_reaches(asleep, 1, SOON) && count_reaches(begun, 1, SOON));
    CHECK(future_cancel(last));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(status == FUTURE_CANCELLED, "%s", future_status_name(status));
    CHECK(pool_abort(pool) == 0);
}

/* ---- One closes ---- */

/* Submits until it is refused. The pool may have been freed long before. */
static void *submit_on_and_on(void *argument)
{
    (void)argument;
    int x = 3, refused = 0;
    count_add(asleep, 1);
    while (refused < 100000) {
        if (pool_submit(pool, nothing, &x, sizeof x) == 0 ||
            future_submit(pool, square, &x, sizeof x, sizeof x) != NULL)
            continue;
        CHECK(errno == EINVAL, "submit while the pool is being closed");
        refused++;
    }
    return NULL;
}

static void *submit_until_refused(void *argument)
{
    (void)argument;
    count_add(asleep, 1);
    for (;;) {
        if (pool_submit(pool, nothing, NULL, 0) != 0) {
            CHECK(errno == EINVAL, "submit while the pool is being closed");
            return NULL;
        }
        int x = 3, y = 0;
        struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
        if (future == NULL) {
            CHECK(errno == EINVAL, "submit while the pool is being closed");
            return NULL;
        }
        CHECK(future_result(future, guard(SOON), &y) == FUTURE_OK && y == 9, "%s",
              future_status_name(future_status(future)));
    }
}

/* Holds the pool, so that the pool and its futures still exist when a submit is refused. */
static void *submit_held(void *argument)
{
    pool_hold(pool);
    submit_until_refused(argument);
    pool_release(pool);
    return NULL;
}

static void check_close_without_a_hold(void)
{
    pthread_t threads[THREADS];
    count_set(asleep, 0);
    pool = pool_open_with(&(struct pool_options){.workers = 1, .waiting = 1000000});
    CHECK(pool != NULL);
    start_all(threads, submit_on_and_on);
    CHECK(count_reaches(asleep, THREADS, SOON));
    CHECK(pool_close(pool) == 0);
    join_all(threads);
}

static void nap_and_count(void *argument)
{
    (void)argument;
    usleep(1000);
    count_add(begun, 1);
}

static void *close_it(void *argument)
{
    (void)argument;
    pool_close(pool);
    while (pause() != 0)
        continue;
    return NULL;
}

/* A process calls exit() while another thread closes the pool: it ends in good order, after the
 * task. */
static void check_exit_beside_close(void)
{
    pthread_t thread;
    int status;
    if (getenv("NO_LIMITS") != NULL)
        return; /* a sanitizer would report the handles of the parent's closed pools as leaks */
    count_set(begun, 0);
    pid_t program = fork();
    CHECK(program >= 0);
    if (program == 0) {
        pool = pool_open(1);
        CHECK(pool != NULL);
        CHECK(pool_submit(pool, nap_and_count, NULL, 0) == 0);
        CHECK(pthread_create(&thread, NULL, close_it, NULL) == 0);
        exit(0);
    }
    CHECK(waitpid(program, &status, 0) == program);
    CHECK(status == 0, "exit() beside pool_close(): status %#x", (unsigned)status);
    CHECK(count_reaches(begun, 1, 0), "the task was lost");
}

static void check_close(void)
{
    pthread_t threads[THREADS];
    count_set(asleep, 0);
    pool = pool_open(2);
    CHECK(pool != NULL);
    start_all(threads, submit_held);
    CHECK(count_reaches(asleep, THREADS, SOON));
    CHECK(pool_close(pool) == 0);
    join_all(threads);
}

int main(void)
{
    begun = share(sizeof *begun);
    asleep = share(sizeof *asleep);
    check_all_at_once();
    for (int i = 0; i < 20; i++) {
        check_sleepers(false);
        check_sleepers(true);
        check_cancelled_by_another();
        check_close();
        check_exit_beside_close();
    }
    check_close_without_a_hold();
    puts("ok");
    return 0;
}
