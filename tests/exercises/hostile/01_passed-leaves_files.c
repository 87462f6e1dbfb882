/* Leaves files and shared memory. They go when it goes. */
#include "run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static int good(int (*work)(void))
{
    int status;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        _exit(work());
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_child(int (*work)(void))
{
    const char *const places[] = {"/tmp/exercise-left", "/dev/shm/exercise-left",
                                  "/var/tmp/exercise-left"};
    for (int i = 0; i < 3; i++) {
        int file = open(places[i], O_WRONLY | O_CREAT, 0600);
        if (file >= 0)
            close(file);
    }
    shmget(0x6a756467, 4096, IPC_CREAT | 0600);
    return good(work);
}
