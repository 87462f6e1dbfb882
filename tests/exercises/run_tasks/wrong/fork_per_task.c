/* A process for each task; only so many at a time. */
#include "run_tasks.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_tasks(int workers, int tasks)
{
    int running = 0;
    for (int task = 0; task < tasks; task++) {
        if (running == workers && wait(NULL) > 0)
            running--;
        if (fork() == 0) {
            do_task(task);
            _exit(0);
        }
        running++;
    }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
