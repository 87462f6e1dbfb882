/* Leaves a process that has left the session, twice. */
#include "run_child.h"

#include <errno.h>
#include <fcntl.h>
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
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            setsid();
            for (int i = 0; i < 3; i++)
                close(i);
            for (;;)
                pause();
        }
        _exit(0);
    }
    return good(work);
}
