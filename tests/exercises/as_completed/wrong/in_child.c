/* A process waits for each future, and calls each() there. */
#include "as_completed.h"

#include <sys/wait.h>
#include <unistd.h>

int as_completed(struct future **futures, size_t count, void (*each)(struct future *))
{
    for (size_t i = 0; i < count; i++)
        if (fork() == 0) {
            while (!future_done(futures[i]))
                usleep(1000);
            each(futures[i]);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
