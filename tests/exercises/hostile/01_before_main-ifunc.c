/* Runs while the loader still looks up symbols. */
#include "run_child.h"

#include <stdlib.h>

static int call(int (*work)(void))
{
    return work();
}

static int (*resolve(void))(int (*)(void))
{
    return call;
}

static int (*choose(void))(int (*)(void))
{
    return resolve();
}

int run_child(int (*work)(void)) __attribute__((ifunc("choose")));
