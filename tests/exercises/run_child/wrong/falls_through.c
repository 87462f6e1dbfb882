/* The child returns into the caller's code, where the parent goes on, too. */
#include "run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    int status, code = 0;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        code = work();
    else if (waitpid(child, &status, 0) == child)
        code = WEXITSTATUS(status);
    return code;
}
