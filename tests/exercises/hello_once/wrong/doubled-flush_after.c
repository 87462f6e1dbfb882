/* Flushed when there are two buffers already. */
#include "hello_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    printf("hello\n");

    pid_t child = fork();
    fflush(stdout);
    if (child < 0)
        return -1;
    if (child == 0) {
        introduce("child");
        exit(0);
    }
    introduce("parent");
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}
