/* The parent does not wait for the child. */
#include "run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(work());
    return child < 0 ? -1 : 0;
}
