/*
 * check.c: see check.h.
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char check_context[128];
void (*check_explain)(void);

int put_at(int number, int descriptor)
{
    return dup2(descriptor, number);
}

_Noreturn void check_failed(const char *file, int line, const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fprintf(stderr, "%s:%d: %s%s", file, line, check_context,
            check_context[0] != '\0' ? ": " : "");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, " (errno: %s)\n  machine: %s\n", strerror(error), machine_text());
    va_end(arguments);
    if (check_explain != NULL)
        check_explain();
    fflush(stderr);
    _exit(1);
}
