/*
 * solution.c: exercise 5, the reference.
 */
#include "run_tasks.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void work(const int queue[2])
{
    int task;
    close(queue[1]); /* or the queue has no end: this worker could still write to it */
    while (read(queue[0], &task, sizeof task) == sizeof task)
        do_task(task);
    _exit(0);
}

static bool put(int queue, int task)
{
    ssize_t count;
    do
        count = write(queue, &task, sizeof task);
    while (count < 0 && errno == EINTR);
    return count == sizeof task;
}

static void wait_for_one(void)
{
    while (wait(NULL) < 0 && errno == EINTR)
        continue;
}

int run_tasks(int workers, int tasks)
{
    int queue[2], started = 0, task = 0;
    if (pipe(queue) != 0)
        return -1;
    while (started < workers) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0)
            work(queue);
        started++;
    }
    close(queue[0]);
    /* When the pipe is full, this waits until a worker has taken something out. */
    while (started > 0 && task < tasks && put(queue[1], task))
        task++;
    close(queue[1]);
    for (int i = 0; i < started; i++)
        wait_for_one();
    return started > 0 && task == tasks ? 0 : -1;
}
