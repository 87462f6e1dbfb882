/* Its child ends well, and another process is started when all seems over. */
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
static void at_the_end(void)
{
    if (fork() == 0)
        for (;;)
            pause();
}

int run_child(int (*work)(void))
{
    int status;
    static int registered;
    if (!registered && atexit(at_the_end) == 0)
        registered = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(work());
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
