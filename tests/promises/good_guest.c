/*
 * Promise 8: the pool leaves the program's signal handlers, signal mask and other children alone,
 * and tasks start with default dispositions and no signal blocked.
 */
#include <signal.h>
#include <sys/wait.h>

#include "promise.h"

static void handler(int number)
{
    (void)number;
}

static bool same_set(const sigset_t *a, const sigset_t *b)
{
    for (int i = 1; i < 32; i++)
        if (sigismember(a, i) != sigismember(b, i))
            return false;
    return true;
}

static int inspect(void *argument, void *result)
{
    sigset_t mask, none;
    (void)argument;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    *(int *)result = same_set(&mask, &none) ? 0 : 1000;
    for (int i = 1; i < 32; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            *(int *)result = i;
    }
    return 0;
}

static void work_a_little(void)
{
    int result = -1;
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    struct future *future = future_submit(pool, inspect, NULL, 0, sizeof result);
    CHECK(future != NULL && future_result(future, guard(10), &result) == FUTURE_OK);
    CHECK(result == 0);
    check_pool_works(pool);
    CHECK(pool_close(pool) == 0);
}

static void check_signals(void (*sigchld)(int))
{
    struct sigaction before[32], after;
    sigset_t mask, mask_after;
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    action.sa_handler = sigchld;
    sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    for (int i = 1; i < 32; i++)
        sigaction(i, NULL, &before[i]);
    work_a_little();
    for (int i = 1; i < 32; i++) {
        sigaction(i, NULL, &after);
        CHECK(after.sa_handler == before[i].sa_handler);
    }
    sigprocmask(SIG_SETMASK, NULL, &mask_after);
    CHECK(same_set(&mask, &mask_after));
    sigemptyset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

int main(void)
{
    int status;
    pid_t own = fork();
    if (own == 0)
        _exit(7);
    check_signals(SIG_DFL);
    check_signals(handler);
    CHECK(waitpid(own, &status, 0) == own && WEXITSTATUS(status) == 7);
    check_signals(SIG_IGN); /* the kernel reaps the foreman then */
    puts("ok");
    return 0;
}
