/* The status is taken for the exit status. */
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
    if (waitpid(child, &status, 0) != child)
        return -1;
    return status;
}
