/* One child whose threads do the tasks, in place of workers. */
#include "run_tasks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int next;
static int all;

static void *work(void *unused)
{
    for (int task; (task = atomic_fetch_add(&next, 1)) < all;)
        do_task(task);
    return unused;
}

int run_tasks(int workers, int tasks)
{
    pid_t pid;
    next = 0;
    all = tasks;
    pid = fork();
    if (pid == 0) {
        pthread_t threads[64];
        for (int i = 0; i < workers; i++)
            pthread_create(&threads[i], NULL, work, NULL);
        for (int i = 0; i < workers; i++)
            pthread_join(threads[i], NULL);
        _exit(0);
    }
    return pid > 0 && waitpid(pid, NULL, 0) == pid ? 0 : -1;
}
