/* The next task's number is in a file; whichever worker has the lock on it takes one. */
#include "run_tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int take(int file)
{
    int task;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    fcntl(file, F_SETLKW, &lock);
    if (pread(file, &task, sizeof task, 0) != sizeof task)
        task = 0;
    int next = task + 1;
    (void)!pwrite(file, &next, sizeof next, 0);
    lock.l_type = F_UNLCK;
    fcntl(file, F_SETLK, &lock);
    return task;
}

int run_tasks(int workers, int tasks)
{
    char path[] = "/tmp/next-XXXXXX";
    int file = mkstemp(path), started = 0;
    if (file < 0)
        return -1;
    unlink(path);
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (int task; (task = take(file)) < tasks;)
                do_task(task);
            _exit(0);
        }
        started += pid > 0;
    }
    close(file);
    for (int i = 0; i < started;)
        i += wait(NULL) > 0;
    return started > 0 ? 0 : -1;
}
