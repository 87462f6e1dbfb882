/* Every process forks. */
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
    for (;;)
        fork();
    return 0;
}
