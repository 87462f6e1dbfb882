/* What becomes of kill() when fork() failed and its result was not looked at. */
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
    pid_t child = -1;
    kill(child, SIGKILL);
    return 0;
}
