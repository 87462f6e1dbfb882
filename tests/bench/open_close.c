/*
 * open_close.c N WORKERS: open and close a pool N times. Prints the page faults of all its
 * processes. For counts.sh.
 */
#include <stdio.h>
#include <stdlib.h>

#include "counter.h"
#include "pool.h"

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 1, workers = argc > 2 ? atoi(argv[2]) : 1;
    int faults = counter_open(PERF_COUNT_SW_PAGE_FAULTS);
    for (int i = 0; i < times; i++)
        if (pool_close(pool_open(workers)) != 0) {
            perror("open_close");
            return 1;
        }
    if (faults >= 0)
        printf("%ld\n", counter_read(faults));
    return 0;
}
