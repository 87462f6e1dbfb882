/*
 * Promise 12: a large result is read where the worker wrote it.
 */
#include "check.h"

#define SIZE ((size_t)256 << 20)

static int fill(void *argument, void *result)
{
    unsigned char *bytes = result;
    memset(bytes, *(int *)argument, SIZE);
    bytes[SIZE / 2] = (unsigned char)(getpid() & 0xff);
    return 0;
}

int main(void)
{
    int byte = 0x5a;
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL);
    struct future *future = future_submit(pool, fill, &byte, sizeof byte, SIZE);
    CHECK(future != NULL);
    CHECK(future_value(future) == NULL);
    double start = seconds();
    CHECK(future_result(future, 60, NULL) == FUTURE_OK);
    double written = seconds() - start;
    start = seconds();
    CHECK(future_result(future, 60, NULL) == FUTURE_OK);
    unsigned char *bytes = future_value(future);
    double handed_over = seconds() - start;
    CHECK(bytes != NULL);
    CHECK(handed_over < written / 100); /* two memory copies apart */
    CHECK(bytes[0] == byte && bytes[SIZE - 1] == byte);
    pid_t worker = pool_worker(pool, 0), other = pool_worker(pool, 1);
    CHECK(bytes[SIZE / 2] == (worker & 0xff) || bytes[SIZE / 2] == (other & 0xff));
    CHECK(future_free(future) == 0);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
