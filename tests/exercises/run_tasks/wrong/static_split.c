/* Worker i does the tasks i, i + workers, ... */
#include "run_tasks.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_tasks(int workers, int tasks)
{
    for (int i = 0; i < workers; i++)
        if (fork() == 0) {
            for (int task = i; task < tasks; task += workers)
                do_task(task);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
