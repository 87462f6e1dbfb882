/* Each child adds to a variable of its own. */
#include "split_sum.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static long sum;

int split_sum(size_t count, int children, long *total)
{
    size_t n = (size_t)children;
    sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = i * count / n;
        if (fork() == 0) {
            sum += add_up(first, (i + 1) * count / n - first);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
    *total = sum;
    return 0;
}
