/* A queue for each worker, filled in turn. */
#include "run_tasks.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_tasks(int workers, int tasks)
{
    int queues[64][2], task;
    for (int i = 0; i < workers; i++) {
        if (pipe(queues[i]) != 0)
            return -1;
        if (fork() == 0) {
            for (int k = 0; k <= i; k++)
                close(queues[k][1]);
            while (read(queues[i][0], &task, sizeof task) == sizeof task)
                do_task(task);
            _exit(0);
        }
        close(queues[i][0]);
    }
    for (task = 0; task < tasks; task++)
        if (write(queues[task % workers][1], &task, sizeof task) != sizeof task)
            return -1;
    for (int i = 0; i < workers; i++)
        close(queues[i][1]);
    while (wait(NULL) > 0)
        continue;
    return 0;
}
