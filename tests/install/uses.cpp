/*
 * uses.cpp: use the pool from C++: include all headers, call a function of each, and define a name
 * that the library has inside. Prints 144. Used by check.sh.
 */
#include <cstdio>
#include <processpool/error.h>
#include <processpool/future.h>
#include <processpool/pool.h>
#include <processpool/task.h>

extern "C" int clock_now() /* the library has one, too */
{
    return 7;
}

static int square(void *argument, void *result)
{
    int x = *static_cast<int *>(argument);
    *static_cast<int *>(result) = x * x;
    return 0;
}

int main()
{
    int x = 12, y = 0;
    struct pool *pool = pool_open(2);
    if (pool == nullptr)
        return 1;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof y);
    if (future_result(future, POOL_FOREVER, &y) != FUTURE_OK) {
        std::fprintf(stderr, "%s\n", future_error(future));
        return 1;
    }
    struct task *task = task_new(
        pool, [](void *) {}, 0);
    if (task == nullptr || task_publish(task) != 0 ||
        task_wait(task, POOL_FOREVER) != 0 || task_free(task) != 0)
        return 1;
    std::printf("%d\n", y);
    return pool_close(pool) != 0 || clock_now() != 7;
}
