/* An endless loop in a child that ignores what can be ignored. */
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
    pid_t child = fork();
    if (child == 0) {
        for (int i = 1; i < 32; i++)
            signal(i, SIG_IGN);
        for (volatile int forever = 1; forever;)
            continue;
    }
    waitpid(child, NULL, 0);
    return 0;
}
