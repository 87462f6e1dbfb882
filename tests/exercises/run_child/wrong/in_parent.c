/* fork() returns 0 in the child, not in the parent. */
#include "run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        _exit(0);
    int code = work();
    return waitpid(child, NULL, 0) == child ? code : -1;
}
