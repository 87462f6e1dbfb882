/*
 * check.h: the checks of all test programs. A check that fails prints its place in the source, the
 * condition or message, errno and the measured speed of the machine, and ends the process with
 * status 1. (Not assert(), which NDEBUG would remove.)
 */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "machine.h"

/* CHECK(condition) or CHECK(condition, "format", ...). The message says what the test was waiting
 * for, or what it found instead. */
#define CHECK(...)                                                                       \
    CHECK_PICK(__VA_ARGS__, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS,  \
               CHECK_SAYS, CHECK_SAYS, CHECK_PLAIN, 0)                                   \
    (__VA_ARGS__)
#define CHECK_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define CHECK_PLAIN(condition)                                                           \
    do {                                                                                 \
        if (!(condition))                                                                \
            check_failed(__FILE__, __LINE__, "check failed: %s", #condition);            \
    } while (0)
#define CHECK_SAYS(condition, ...)                                                       \
    do {                                                                                 \
        if (!(condition))                                                                \
            check_failed(__FILE__, __LINE__, __VA_ARGS__);                               \
    } while (0)
#define FAIL(...) check_failed(__FILE__, __LINE__, __VA_ARGS__)

/* Check that a call fails with that errno: CHECK_FAILS(pool_close(pool) != 0, EPERM). `call` is a
 * condition that is true if the call failed. */
#define CHECK_FAILS(call, number)                                                        \
    do {                                                                                 \
        errno = 0;                                                                       \
        bool refused_ = (call);                                                          \
        if (!refused_ || errno != (number))                                              \
            check_failed(__FILE__, __LINE__, "%s: not refused with %s but %s", #call,    \
                         #number, refused_ ? "with the errno below" : "accepted");       \
    } while (0)

/* (An attribute, because cppcheck does not know _Noreturn.) */
__attribute__((noreturn, format(printf, 3, 4))) void check_failed(const char *file,
                                                                  int line,
                                                                  const char *format,
                                                                  ...);

/* dup2(). (gcc's analyzer takes what dup2() returns for one more descriptor, which is leaked.) */
int put_at(int number, int descriptor);

/* Set by a test to say what it is doing; printed with every failure. */
extern char check_context[128];

/* If not NULL, check_failed() calls this after its message, to print more. */
extern void (*check_explain)(void);

#endif
