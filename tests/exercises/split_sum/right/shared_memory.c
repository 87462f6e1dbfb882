/* Memory that parent and children share, in place of pipes; the last part takes what remains. */
#include "split_sum.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int split_sum(size_t count, int children, long *total)
{
    size_t n = (size_t)children, size = n * sizeof(long);
    pid_t pids[64];
    long *sums =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sums == MAP_FAILED)
        return -1;
    for (size_t i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            sums[i] =
                add_up(i * (count / n), i < n - 1 ? count / n : count / n + count % n);
            _exit(0);
        }
    }
    int status = 0;
    *total = 0;

    for (size_t i = 0; i < n; i++) {
        if (pids[i] < 0)
            status = -1;
        while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
            continue;
        *total += sums[i];
    }
    munmap(sums, size);
    return status;
}
