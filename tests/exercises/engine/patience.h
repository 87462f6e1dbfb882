/*
 * patience.h: time limits, which are longer on a machine that the tests have measured to be slow:
 * MACHINE_FACTOR in the environment, see tests/check/machine.h. For learners it is not set.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdlib.h>

static inline double patience(double seconds)
{
    const char *factor = getenv("MACHINE_FACTOR");
    const double times = factor != NULL ? strtod(factor, NULL) : 1;
    return times > 1 ? seconds * times : seconds;
}

#endif
