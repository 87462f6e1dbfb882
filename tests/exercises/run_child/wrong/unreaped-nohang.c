/* Asks, but does not wait. */
#include "run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        _exit(work());
    waitpid(child, &status, WNOHANG);
    return WEXITSTATUS(status);
}
