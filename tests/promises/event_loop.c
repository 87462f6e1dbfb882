/*
 * Promise 15: an event loop can wait for a pool. The descriptor is readable as long as a task with
 * a callback has ended and its callback has not been called. Callbacks are called in the program,
 * once each, after every kind of end. A broken pool wakes the loop, too.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"
#include "promise.h"

static struct pool *pool;
static struct count *begun;
static pid_t program;

static int sleep_long(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(begun, 1);
    while (pause() != 0)
        continue;
    return 0;
}

static int fail(void *argument, void *result)
{
    (void)argument, (void)result;
    return 7;
}

static int crash(void *argument, void *result)
{
    (void)argument, (void)result;
    abort();
}

/* ---- A loop ---- */

static bool readable(double seconds)
{
    struct pollfd poll_for = {.fd = pool_descriptor(pool), .events = POLLIN};
    CHECK(poll_for.fd >= 0, "pool_descriptor");
    int ready = poll(&poll_for, 1, (int)(seconds * 1000));
    CHECK(ready >= 0, "poll");
    return ready > 0;
}

static int remaining;

static void loop_until_none_remains(void)
{
    while (remaining > 0) {
        CHECK(readable(guard(SOON)), "waited for %d callbacks", remaining);
        CHECK(pool_dispatch(pool) >= 0 || errno == EOWNERDEAD);
    }
}

struct expected {
    enum future_status status;
    int calls;
};

static void note_end(struct future *future, void *argument)
{
    struct expected *expected = argument;
    CHECK(getpid() == program, "a callback ran in another process");
    CHECK(future_status(future) == expected->status, "%s instead of %s",
          future_status_name(future_status(future)),
          future_status_name(expected->status));
    CHECK(++expected->calls == 1, "a callback ran twice");
    CHECK(future_free(future) == 0);
    remaining--;
}

static struct future *ask(future_function *work, struct expected *expected,
                          enum future_status status)
{
    int x = 4;
    struct future *future = future_submit(pool, work, &x, sizeof x, sizeof x);
    CHECK(future != NULL, "submit");
    *expected = (struct expected){.status = status};
    CHECK(future_on_end(future, note_end, expected) == 0, "future_on_end");
    remaining++;
    return future;
}

static struct pool *open_loop(int workers)
{
    pool = pool_open_with(&(struct pool_options){.workers = workers, .event_loop = 1});
    CHECK(pool != NULL, "pool_open_with");
    return pool;
}

static void check_every_end(void)
{
    struct expected ok, failed, lost, stopped, cancelled;
    open_loop(1);
    count_set(begun, 0);
    CHECK(!readable(0), "readable, and nothing was asked for");
    CHECK(pool_dispatch(pool) == 0);
    ask(square, &ok, FUTURE_OK);
    ask(fail, &failed, FUTURE_FAILED);
    ask(crash, &lost, FUTURE_LOST);
    struct future *runs = ask(sleep_long, &stopped, FUTURE_STOPPED);
    struct future *waits = ask(square, &cancelled, FUTURE_CANCELLED);
    CHECK(count_reaches(begun, 1, SOON));
    CHECK(future_cancel(waits));
    CHECK(future_stop(runs));
    loop_until_none_remains();
    /* The foreman may signal an end that the program has found already: once for each task. */
    int late = 0;
    for (pool_dispatch(pool); readable(0.05); pool_dispatch(pool))
        CHECK(++late <= 5, "readable again and again after all callbacks have run");
    CHECK(pool_close(pool) == 0);
}

/* Level-triggered: the descriptor stays readable until pool_dispatch() is called. */
static void check_level(void)
{
    struct expected ok;
    open_loop(2);
    ask(square, &ok, FUTURE_OK);
    for (int i = 0; i < 3; i++)
        CHECK(readable(guard(SOON)), "look number %d", i);
    loop_until_none_remains();
    CHECK(pool_close(pool) == 0);
}

static void check_ended_before(void)
{
    struct expected ok = {.status = FUTURE_OK};
    int x = 4;
    open_loop(1);
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof x);
    CHECK(future_result(future, guard(SOON), NULL) == FUTURE_OK);
    pool_dispatch(pool);
    CHECK(future_on_end(future, note_end, &ok) == 0);
    CHECK(ok.calls == 0, "a callback ran inside future_on_end()");
    remaining = 1;
    loop_until_none_remains();
    CHECK(pool_close(pool) == 0);
}

static void check_broken(void)
{
    struct expected broken[3];
    open_loop(2);
    for (int i = 0; i < 3; i++)
        ask(sleep_long, &broken[i], FUTURE_BROKEN);
    pool_dispatch(pool);
    CHECK(kill(pool_foreman(pool), SIGKILL) == 0);
    loop_until_none_remains();
    CHECK_FAILS(pool_dispatch(pool) == -1, EOWNERDEAD);
    CHECK(!readable(0.05), "a broken pool keeps the loop busy");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

/* Callbacks that no loop has called are called when the pool is closed or aborted. */
static void check_closed(void)
{
    struct expected ok[10], broken[10];
    open_loop(2);
    for (int i = 0; i < 10; i++)
        ask(square, &ok[i], FUTURE_OK);
    CHECK(pool_close(pool) == 0);
    CHECK(remaining == 0, "%d callbacks did not run", remaining);
    open_loop(1);
    for (int i = 0; i < 10; i++)
        ask(sleep_long, &broken[i], FUTURE_BROKEN);
    CHECK(pool_abort(pool) == 0);
    CHECK(remaining == 0, "%d callbacks did not run", remaining);
}

static void *wait_for_bell(void *bell)
{
    CHECK(count_reaches(bell, 1, SOON));
    return bell;
}

static void use_the_pool(struct future *future, void *argument)
{
    struct future *failed = argument, *both[] = {failed, future};
    CHECK(future_wait_all(both, 2, guard(SOON)) == 0, "future_wait_all");
    struct completions *completions = completions_open(&failed, 1);
    CHECK(completions != NULL, "completions_open");
    CHECK(completions_next(completions, guard(SOON)) == failed, "completions_next");
    completions_close(completions);
    CHECK(!future_stop(failed), "future_stop");
    CHECK_FAILS(future_submit(pool, fail, NULL, 0, 0) == NULL, EINVAL);
    CHECK_FAILS(pool_wait_for_room(pool, 0) == -1, EINVAL);
    CHECK_FAILS(pool_dispatch(pool) == -1, EOWNERDEAD);
    remaining--;
}

static void use_and_exit(struct future *future, void *argument)
{
    use_the_pool(future, argument);
    exit(0);
}

/* A callback that the close calls may use the pool, also while the program has other threads. */
static void close_with_callback(future_callback *callback, bool broken)
{
    struct count *bell = share(sizeof *bell);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, wait_for_bell, bell) == 0);
    open_loop(1);
    struct future *failed = future_submit(pool, fail, NULL, 0, 0);
    struct future *crashed = future_submit(pool, crash, NULL, 0, 0);
    CHECK(failed != NULL && crashed != NULL, "submit");
    CHECK(future_on_end(crashed, callback, failed) == 0, "future_on_end");
    remaining = 1;
    if (broken)
        CHECK(kill(pool_foreman(pool), SIGKILL) == 0);
    CHECK(pool_close(pool) == (broken ? -1 : 0), "pool_close");
    CHECK(remaining == 0, "the callback did not run");
    count_set(bell, 1);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void check_use_while_closing(void)
{
    close_with_callback(use_the_pool, false);
    close_with_callback(use_the_pool, true);
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        program = getpid();
        close_with_callback(use_and_exit, true);
        _exit(9);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "status %x", status);
}

/* A callback forks. In the child the pool is not its own, and no other callback runs. */
static pid_t forked;

static void fork_once(struct future *future, void *argument)
{
    (void)future, (void)argument;
    if (--remaining == 2)
        forked = fork();
}

static void check_fork_in_a_callback(bool closing)
{
    open_loop(1);
    for (remaining = 0; remaining < 3; remaining++) {
        struct future *future = future_submit(pool, fail, NULL, 0, 0);
        CHECK(future_result(future, guard(SOON), NULL) == FUTURE_FAILED, "future_result");
        CHECK(future_on_end(future, fork_once, NULL) == 0, "future_on_end");
    }
    int called = closing ? pool_close(pool) : pool_dispatch(pool), status;
    if (forked == 0)
        _exit(called == -1 && errno == EPERM && remaining == 2 ? 0 : 1);
    CHECK(called == (closing ? 0 : 3) && remaining == 0, "the callbacks");
    CHECK(waitpid(forked, &status, 0) == forked && status == 0, "status %x", status);
    CHECK(closing || pool_close(pool) == 0);
}

/* With ever more descriptors: it can't be opened, or it can tell that the pool has broken. */
static void open_with_spare(int spare)
{
    struct rlimit limit;
    int next = dup(0);
    CHECK(next >= 0 && close(next) == 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)next + (rlim_t)spare;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    pool = pool_open_with(&(struct pool_options){.workers = 1, .event_loop = 1});
    if (pool == NULL) {
        CHECK(errno == EMFILE, "pool_open_with");
        _exit(2);
    }
    pool_dispatch(pool);
    CHECK(kill(pool_foreman(pool), SIGKILL) == 0);
    do
        CHECK(readable(guard(SOON)), "spare %d: a broken pool is not readable", spare);
    while (pool_dispatch(pool) != -1);
    _exit(0);
}

static void check_scarce_descriptors(void)
{
    for (int spare = 0, status = 1; spare < 12 || status != 0; spare++) {
        pid_t child = fork();
        CHECK(child >= 0, "fork");
        if (child == 0)
            open_with_spare(spare);
        CHECK(waitpid(child, &status, 0) == child, "waitpid");
        CHECK(status == 0 || WEXITSTATUS(status) == 2, "spare %d: status %x", spare,
              status);
        CHECK(spare < 30, "never enough");
    }
}

static void count_down(struct future *future, void *argument)
{
    (void)argument;
    CHECK(future_status(future) == FUTURE_OK || future_status(future) == FUTURE_LOST);
    CHECK(future_free(future) == 0);
    remaining--;
}

/* Many tasks: they are submitted while others end, workers die, and callbacks submit more. */
static void check_many(void)
{
    open_loop(3);
    for (int i = 0; i < 5000; i++) {
        int x = i;
        struct future *future =
            future_submit(pool, i % 500 == 0 ? crash : square, &x, sizeof x, sizeof x);
        CHECK(future != NULL, "submit");
        CHECK(future_on_end(future, count_down, NULL) == 0, "future_on_end");
        remaining++;
        if (i % 7 == 0)
            pool_dispatch(pool);
    }
    loop_until_none_remains();
    CHECK(pool_close(pool) == 0);
}

static void check_misuse(void)
{
    pool = pool_open(1);
    CHECK(pool != NULL);
    CHECK_FAILS(pool_descriptor(pool) == -1, EINVAL);
    CHECK_FAILS(pool_descriptor(NULL) == -1, EINVAL);
    CHECK_FAILS(pool_dispatch(NULL) == -1, EINVAL);
    CHECK_FAILS(future_on_end(NULL, count_down, NULL) == -1, EINVAL);
    struct future *future = future_submit(pool, fail, NULL, 0, 0);
    CHECK_FAILS(future_on_end(future, NULL, NULL) == -1, EINVAL);
    CHECK(pool_close(pool) == 0);
}

/* The numbers 0, 1 and 2 are the program's, also when it has closed them. */
static void check_leaves_standard_numbers(void)
{
    int input = dup(STDIN_FILENO);
    CHECK(input >= 0 && close(STDIN_FILENO) == 0);
    pool = pool_open_with(&(struct pool_options){.workers = 1, .event_loop = 1});
    CHECK(pool != NULL);
    CHECK_FAILS(fcntl(STDIN_FILENO, F_GETFD) == -1, EBADF);
    CHECK(pool_close(pool) == 0);
    CHECK(put_at(STDIN_FILENO, input) == STDIN_FILENO && close(input) == 0);
}

/* One thread calls pool_dispatch() again and again while another closes the pool. */
static void *dispatch_until_closed(void *unused)
{
    while (pool_dispatch(pool) >= 0 || errno != EINVAL)
        continue;
    return unused;
}

static void check_dispatch_beside_close(void)
{
    pthread_t thread;
    pool = pool_open_with(&(struct pool_options){.workers = 1, .event_loop = 1});
    CHECK(pool != NULL);
    CHECK(pthread_create(&thread, NULL, dispatch_until_closed, NULL) == 0);
    CHECK(pool_close(pool) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* As on Linux before 5.3. (Where there are no filters, qemu for one, the calls are left alone.) */
static void forbid_pidfds(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog code = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &code) == 0)
        CHECK_FAILS(syscall(SYS_pidfd_open, getpid(), 0) == -1, ENOSYS);
}

int main(void)
{
    program = getpid();
    begun = share(sizeof *begun);
    check_every_end();
    check_level();
    check_ended_before();
    check_broken();
    check_closed();
    check_use_while_closing();
    check_fork_in_a_callback(false);
    check_fork_in_a_callback(true);
    check_scarce_descriptors();
    check_many();
    check_misuse();
    check_leaves_standard_numbers();
    for (int i = 0; i < 20; i++)
        check_dispatch_beside_close();
    forbid_pidfds();
    check_every_end();
    check_broken();
    for (int i = 0; i < 20; i++)
        check_dispatch_beside_close();
    puts("ok");
    return 0;
}
