/*
 * Promise 7: text that was in stdio's buffer when the pool was opened is printed once, and text
 * that a task printed is written when its worker ends normally. Failed checks go to stderr; the
 * test reads stdout, which is a file or a pipe.
 */
#include "promise.h"

static void print(void *argument)
{
    printf("task %d\n", *(int *)argument);
}

int main(void)
{
    printf("before\n"); /* stays in the buffer: stdout is no terminal */
    struct pool_options options = {.workers = 3, .tasks_per_worker = 2};
    struct pool *pool = pool_open_with(&options);
    CHECK(pool != NULL);
    for (int i = 0; i < 10; i++)
        CHECK(pool_submit(pool, print, &i, sizeof i) == 0);
    CHECK(pool_close(pool) == 0);
    printf("after\n");
    return 0;
}
