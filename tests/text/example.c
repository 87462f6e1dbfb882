/* example.c: the pool in a program of its own: see README.md. */
#include <processpool/future.h>
#include <stdio.h>

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

int main(void)
{
    int x = 12, y;
    struct pool *pool = pool_open(0);
    if (pool == NULL)
        return 1;
    struct future *future = future_submit(pool, square, &x, sizeof x, sizeof y);
    if (future == NULL || future_result(future, POOL_FOREVER, &y) != FUTURE_OK)
        return 1;
    printf("%d\n", y);
    return pool_close(pool);
}
