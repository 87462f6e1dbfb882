/*
 * check.h: what every test program checks with. A check that fails prints where it stands,
 * what was expected, the message, errno and what the machine was measured to need, and ends
 * the process with status 1. Not assert(): a check must stay when NDEBUG is defined.
 */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "machine.h"

/* CHECK(condition) or CHECK(condition, "format", ...). The message names what the test was
 * waiting for, or what it found instead. */
#define CHECK(...)                                                                       \
    CHECK_PICK(__VA_ARGS__, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS, CHECK_SAYS,  \
               CHECK_SAYS, CHECK_SAYS, CHECK_PLAIN, 0)                                   \
    (__VA_ARGS__)
#define CHECK_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define CHECK_PLAIN(condition)                                                           \
    do {                                                                                 \
        if (!(condition))                                                                \
            check_failed(__FILE__, __LINE__, "not so: %s", #condition);                  \
    } while (0)
#define CHECK_SAYS(condition, ...)                                                       \
    do {                                                                                 \
        if (!(condition))                                                                \
            check_failed(__FILE__, __LINE__, __VA_ARGS__);                               \
    } while (0)
#define FAIL(...) check_failed(__FILE__, __LINE__, __VA_ARGS__)

/* The call, an expression that is true when the call is refused, sets errno to that number. */
#define CHECK_FAILS(call, number)                                                        \
    do {                                                                                 \
        errno = 0;                                                                       \
        bool refused_ = (call);                                                          \
        if (!refused_ || errno != (number))                                              \
            check_failed(__FILE__, __LINE__, "%s: not refused with %s but %s", #call,    \
                         #number, refused_ ? "with the errno below" : "accepted");       \
    } while (0)

/* (An attribute, as cppcheck does not heed _Noreturn.) */
__attribute__((noreturn, format(printf, 3, 4))) void check_failed(const char *file,
                                                                  int line,
                                                                  const char *format,
                                                                  ...);

/* Printed with every failure: what is being tried just now. */
extern char check_context[128];

/* Called by check_failed() after its message, to print more, unless NULL. */
extern void (*check_explain)(void);

#endif
