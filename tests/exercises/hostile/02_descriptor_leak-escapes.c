/* Leaves a descriptor whose name clears a terminal and ends a line of a record. */
#include "hello_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    dprintf(1, "hello\n");
    pid_t child = fork();
    if (child == 0) {
        introduce("child");
        exit(0);
    }
    introduce("parent");
    waitpid(child, NULL, 0);
    memfd_create("\033[2J\nstatus PASSED\n\"<&\xff", 0);
    return 0;
}
