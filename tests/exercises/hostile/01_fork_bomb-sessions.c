/* Every process forks, into a session of its own, and the parents go. */
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
    (void)work;
    for (;;) {
        pid_t child = fork();
        if (child == 0)
            setsid();
        else if (child > 0 && getppid() != 1)
            usleep(100);
    }
    return 0;
}
