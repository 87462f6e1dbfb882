/*
 * borders.c: nothing of the program's happens in a worker, and no process of a pool outlives
 * its reason. One case for each thing that fork() copies or shares and that could cross the
 * border; the table in 03_pool/inside/FORK.md names them.
 *
 *     build/tests/stress/borders           all of them
 *     build/tests/stress/borders NAME...   those
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "shared.h"
#include "stress.h"

static void nothing(void *argument)
{
    (void)argument;
}

/* A child that the C library does not see being made. */
static pid_t raw_fork(void)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
}

static void await_success(pid_t child)
{
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d",
          status);
}

/* ---- Whose pool it is ---- */

static void child_made_by_clone_of_the_program(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    struct task *task = task_new(pool, nothing, 0);
    CHECK(task_publish(task) == 0 && task_wait(task, guard(10)) == 0);
    pid_t child = raw_fork();
    if (child == 0) {
        CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) != 0, EPERM);
        CHECK_FAILS(task_new(pool, nothing, 0) == NULL, EPERM);
        CHECK_FAILS(task_free(task) != 0, EPERM);
        CHECK_FAILS(pool_abort(pool) == -1, EPERM);
        CHECK(pool_broken(pool) == NULL, "the child says: %s", pool_broken(pool));
        /* Its own pool is another matter. */
        struct pool *own = pool_open(1);
        CHECK(own != NULL && pool_submit(own, nothing, NULL, 0) == 0 &&
              pool_close(own) == 0);
        CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) != 0, EPERM);
        CHECK_FAILS(pool_submit(own, nothing, NULL, 0) != 0, EINVAL);
        _exit(0);
    }
    await_success(child);
    CHECK(pool_broken(pool) == NULL, "the child broke the pool: %s", pool_broken(pool));
    CHECK(pool_submit(pool, nothing, NULL, 0) == 0 && pool_close(pool) == 0);
}

static int forks_by_clone(void *argument, void *result)
{
    struct count *returned = *(struct count **)argument;
    if (raw_fork() == 0) {
        *(int *)result = 1; /* and returns first */
        count_add(returned, 1);
        return 0;
    }
    count_reaches(returned, 1, 10);
    wait(NULL); /* until the child has ended: it is no worker */
    *(int *)result = 2;
    return 0;
}

static void child_made_by_clone_returns_from_a_task(void *unused)
{
    (void)unused;
    struct count *returned = share(sizeof *returned);
    struct pool *pool = pool_open(1);
    int result = 0;
    struct future *future =
        future_submit(pool, forks_by_clone, &returned, sizeof returned, sizeof result);
    enum future_status status = future_result(future, guard(10), &result);
    CHECK(status == FUTURE_OK && result == 2, "%s, the result is %d",
          future_status_name(status), result);
    CHECK(pool_close(pool) == 0);
}

static const struct stress_case cases[] = {
    {"child_made_by_clone_of_the_program", child_made_by_clone_of_the_program},
    {"child_made_by_clone_returns_from_a_task", child_made_by_clone_returns_from_a_task},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof cases[0], argc, argv);
}
