/*
 * measure.c: print what machine.h measured, as assignments for a shell.
 *
 *     eval "$(build/tests/check/measure)"; export MACHINE MACHINE_FACTOR
 *     build/tests/check/measure --text
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--text") == 0)
        puts(machine_text());
    else
        printf("MACHINE='%s'\nMACHINE_FACTOR=%s\n", machine_text(),
               getenv("MACHINE_FACTOR"));
    return 0;
}
