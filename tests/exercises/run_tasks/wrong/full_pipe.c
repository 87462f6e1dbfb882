/* Fills the pipe before there is a worker to empty it. */
#include "run_tasks.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_tasks(int workers, int tasks)
{
    int queue[2], task;
    if (pipe(queue) != 0)
        return -1;
    for (task = 0; task < tasks; task++)
        if (write(queue[1], &task, sizeof task) != sizeof task)
            return -1;
    close(queue[1]);
    for (int i = 0; i < workers; i++)
        if (fork() == 0) {
            while (read(queue[0], &task, sizeof task) == sizeof task)
                do_task(task);
            _exit(0);
        }
    close(queue[0]);
    while (wait(NULL) > 0)
        continue;
    return 0;
}
