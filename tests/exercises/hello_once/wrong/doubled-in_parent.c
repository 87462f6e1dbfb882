/* The parent flushes its copy; the child's exit() the other. */
#include "hello_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    printf("hello\n");

    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        introduce("child");
        exit(0);
    }
    fflush(stdout);
    introduce("parent");
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}
