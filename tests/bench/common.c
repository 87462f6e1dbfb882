/*
 * common.c: the lines of figures, and other small things that all programs need.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness.h"

void die(const char *what)
{
    perror(what);
    exit(1);
}

size_t number(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0')
        return (size_t)value;
    fprintf(stderr, "'%s' is not a number\n", text);
    exit(2);
}

/* bench.py measures the loops once, so that a task is the same in every program. */
uint32_t loops_for(double nanoseconds)
{
    const char *loops_per_us = getenv("BENCH_LOOPS_PER_US");
    return (uint32_t)(nanoseconds / 1e3 *
                      (loops_per_us != NULL ? strtod(loops_per_us, NULL) : 500));
}

void *shared_memory(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    return memory;
}

void row(const char *what, const char *name, int workers, size_t tasks, size_t size,
         double seconds, const char *extra, ...)
{
    printf("%s\t%s\t%d\t%zu\t%zu\t%.9f\t", what, name, workers, tasks, size, seconds);
    va_list arguments;
    va_start(arguments, extra);
    vprintf(extra, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double percentile(double *figures, size_t count, double share)
{
    qsort(figures, count, sizeof *figures, by_value);
    return figures[(size_t)((double)(count - 1) * share)];
}
