/*
 * one.c: a task as a program, for xargs and GNU parallel.
 *
 *     build/tests/bench/one square N      build/tests/bench/one cpu NANOSECONDS
 */
#include <stdio.h>
#include <string.h>

#include "../harness.h"

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    size_t x = number(argv[2]);
    if (strcmp(argv[1], "square") == 0)
        printf("%zu\n", x * x);
    else
        printf("%u\n", (unsigned)spin(loops_for((double)x)));
    return 0;
}
