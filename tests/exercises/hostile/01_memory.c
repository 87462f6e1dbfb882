/* Takes memory without an end, in several processes. */
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
    fork();
    for (;;) {
        char *memory = malloc(1 << 20);
        if (memory == NULL)
            pause();
        else
            memset(memory, 1, 1 << 20);
    }
    return 0;
}
