/*
 * Promise 12: a large result is read where the worker wrote it.
 */
#include "promise.h"

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
    CHECK(future_result(future, guard(60), NULL) == FUTURE_OK);
    /* Measures processor time of this process, so other load on the machine does not count. */
    double start = cpu_seconds();
    CHECK(future_result(future, guard(60), NULL) == FUTURE_OK);
    unsigned char *bytes = future_value(future);
    double handed_over = cpu_seconds() - start;
    CHECK(bytes != NULL);
    start = cpu_seconds();
    CHECK(memchr(bytes, 0, SIZE / 2) == NULL);
    double half_read = cpu_seconds() - start;
    CHECK(handed_over < half_read / 20,
          "handed over in %.3f ms; half of it is read in %.3f ms", handed_over * 1e3,
          half_read * 1e3);
    CHECK(bytes[0] == byte && bytes[SIZE - 1] == byte);
    pid_t worker = pool_worker(pool, 0), other = pool_worker(pool, 1);
    CHECK(bytes[SIZE / 2] == (worker & 0xff) || bytes[SIZE / 2] == (other & 0xff));
    CHECK(future_free(future) == 0);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
