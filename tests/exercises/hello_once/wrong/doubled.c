/* Tried on a terminal, where nothing has to be mended. */
#include "hello_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    printf("%s\n", "hello");

    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        introduce("child");
        exit(0);
    }
    introduce("parent");
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}
