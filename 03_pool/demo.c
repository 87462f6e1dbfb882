/*
 * demo.c: see demo.h.
 */
#include "demo.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *program = "demo";

static void print_help(FILE *stream, const char *what, const struct demo_option *options)
{
    fprintf(stream, "usage: %s [option]...\n%s\n\n", program, what);
    for (; options->name != NULL; options++) {
        if (options->most == 0)
            fprintf(stream, "  --%-12s %s\n", options->name, options->help);
        else
            fprintf(stream, "  --%s %-*s %s (%ld to %ld; default %ld)\n", options->name,
                    (int)(11 - strlen(options->name)), "N", options->help, options->least,
                    options->most, *options->value);
    }
    fprintf(stream, "  --%-12s %s\n", "help", "print this");
}

__attribute__((format(printf, 1, 2))) static _Noreturn void misuse(const char *format,
                                                                   ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, " (usage: %s [option]...; --help lists them)\n", program);
    va_end(arguments);
    exit(2);
}

static long number(const struct demo_option *option, const char *text)
{
    char *end;
    if (text == NULL)
        misuse("--%s needs a number", option->name);
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0')
        misuse("--%s: '%s' is not a number", option->name, text);
    if (errno != 0 || value < option->least || value > option->most)
        misuse("--%s: %s is not between %ld and %ld", option->name, text, option->least,
               option->most);
    return value;
}

/* argument is "--name" or "--name=value". */
static const struct demo_option *find(const struct demo_option *options,
                                      const char *argument)
{
    size_t length = strcspn(argument, "=");
    for (; options->name != NULL; options++)
        if (strncmp(argument, "--", 2) == 0 && length == strlen(options->name) + 2 &&
            strncmp(argument + 2, options->name, length - 2) == 0)
            return options;
    return NULL;
}

void demo_start(int argc, char **argv, const char *what,
                const struct demo_option *options)
{
    const char *slash = strrchr(argv[0], '/');
    program = slash != NULL ? slash + 1 : argv[0];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(stdout, what, options);
            exit(demo_end());
        }
        const struct demo_option *option = find(options, argv[i]);
        const char *value = strchr(argv[i], '=');
        if (option == NULL)
            misuse("unexpected argument '%s'", argv[i]);
        else if (option->most != 0)
            *option->value = number(option, value != NULL ? value + 1 : argv[++i]);
        else if (value == NULL)
            *option->value = 1;
        else
            misuse("--%s takes no value", option->name);
    }
}

_Noreturn void demo_fail(const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, arguments);
    if (error != 0)
        fprintf(stderr, ": %s", strerror(error));
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

int demo_end(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        demo_fail("cannot write the output");
    return 0;
}

double demo_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void demo_sleep(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}
