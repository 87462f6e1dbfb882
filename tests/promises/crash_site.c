/*
 * Promise 20: with crash_locate(), a crash is located: signal, address, function, library.
 */
#include <signal.h>
#include <sys/resource.h>

#include "crash.h"
#include "promise.h"

/* A sanitizer would report these crashes and end the process in its own way. */
#define ON_PURPOSE __attribute__((noinline, no_sanitize("address", "undefined")))

static struct pool *pool;

/* Values that the compiler and the analysers can't know. */
static int *volatile nowhere;
static const char *volatile nothing;
static volatile int zero;

ON_PURPOSE static int write_to_null(void *argument, void *result)
{
    (void)argument, (void)result;
    *nowhere = 1;
    return 0;
}

ON_PURPOSE static int write_to_16(void *argument, void *result)
{
    volatile uintptr_t place = 16; /* volatile: the compiler would warn */
    (void)argument, (void)result;
    *(volatile int *)place = 1;
    return 0;
}

/* As a compiler of another language makes them. */
#define LONG_NAME                                                                        \
    a_name_of_a_function_that_is_longer_than_most_names_of_functions_and_has_a_hundred_and_some_more_letters
#define TEXT_OF(name) #name "()"
#define TEXT(name)    TEXT_OF(name)

#ifdef __x86_64__
/* An address in no process's range: x86-64 then does not say which it was. */
ON_PURPOSE static int write_to_poison(void *argument, void *result)
{
    volatile uintptr_t place = (uintptr_t)0x5a5a5a5a5a5a5a5a;
    (void)argument, (void)result;
    *(volatile int *)place = 1;
    return 0;
}
#endif

ON_PURPOSE static int LONG_NAME(void *argument, void *result)
{
    (void)argument, (void)result;
    *nowhere = 1;
    return 0;
}

ON_PURPOSE static int divide_by_zero(void *argument, void *result)
{
    (void)argument;
    *(int *)result = 1 / zero;
    raise(SIGFPE); /* on processors whose division by 0 does not trap */
    return 0;
}

ON_PURPOSE static int length_of_nothing(void *argument, void *result)
{
    (void)argument;
    *(size_t *)result = strlen(nothing);
    return 0;
}

static int call_abort(void *argument, void *result)
{
    (void)argument, (void)result;
    abort();
}

/* Recursion without end, which the compiler can't know. */
ON_PURPOSE static int call_yourself(void *argument, void *result)
{
    static volatile int depth = 1;
    volatile char large[1000];
    large[0] = (char)++depth;
    return depth == 0 ? 0 : call_yourself(argument, result) + large[0];
}

static int send_yourself(void *argument, void *result)
{
    (void)argument, (void)result;
    return raise(SIGSEGV);
}

static int exit_with_3(void *argument, void *result)
{
    (void)argument, (void)result;
    _exit(3);
}

static const char *describe(future_function *work)
{
    static char text[300];
    struct future *future = future_submit(pool, work, NULL, 0, sizeof(size_t));
    CHECK(future != NULL);
    CHECK(future_result(future, guard(SOON), NULL) != FUTURE_TIMEOUT);
    int length = crash_describe(future, text, sizeof text);
    CHECK((size_t)length == strlen(text));
    char again[300];
    crash_describe(future, again, sizeof again);
    CHECK(strcmp(text, again) == 0, "first \"%s\", then \"%s\"", text, again);
    char little[10];
    CHECK(crash_describe(future, little, sizeof little) == length);
    CHECK(strlen(little) <= 9 && strncmp(text, little, strlen(little)) == 0);
    CHECK(strncmp(text, future_error(future), strlen(future_error(future))) == 0);
    CHECK(future_free(future) == 0);
    return text;
}

static void expect(future_function *work, const char *expected)
{
    const char *text = describe(work);
    CHECK(strcmp(text, expected) == 0, "\"%s\" instead of \"%s\"", text, expected);
}

static void expect_start(future_function *work, const char *expected)
{
    const char *text = describe(work);
    CHECK(strncmp(text, expected, strlen(expected)) == 0, "\"%s\" instead of \"%s...\"",
          text, expected);
}

#define SEGV "killed by signal 11 (Segmentation fault)"

int main(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    pool =
        pool_open_with(&(struct pool_options){.workers = 1, .initializer = crash_locate});
    CHECK(pool != NULL);
    expect(write_to_null, SEGV " at address 0, in write_to_null()");
    expect(write_to_16, SEGV " at address 0x10, in write_to_16()");
    expect(LONG_NAME, SEGV " at address 0, in " TEXT(LONG_NAME));
#ifdef __x86_64__
    expect(write_to_poison, SEGV ", in write_to_poison()");
#endif
    expect_start(divide_by_zero, "killed by signal 8 (");
    expect_start(length_of_nothing, SEGV " at address 0, in ");
    CHECK(strstr(describe(length_of_nothing), ".so") != NULL, "no library");
    expect_start(call_abort, "killed by signal 6 (Aborted)");
    expect_start(call_yourself, SEGV " at address 0x");
    CHECK(strstr(describe(call_yourself), "call_yourself()") != NULL, "a stack overflow");
    expect_start(send_yourself, SEGV);
    expect(exit_with_3, "exited with status 3");
    check_pool_works(pool);
    CHECK(pool_close(pool) == 0);

    /* Without crash_locate(): default dispositions, and only the signal is reported. */
    pool = pool_open(1);
    CHECK(pool != NULL);
    expect(write_to_null, SEGV);
    CHECK(pool_close(pool) == 0);
    puts("ok");
    return 0;
}
