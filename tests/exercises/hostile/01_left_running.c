/* A grandchild whose parent has ended, in a session of its own. */
#include "run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            setsid();
            for (;;)
                pause();
        }
        _exit(work());
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
