/* The greeting is behind the fork(), where there are two processes. */
#include "hello_once.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    pid_t child = fork();
    printf("hello\n");
    fflush(stdout);
    if (child == 0) {
        introduce("child");
        fflush(stdout);
        _exit(0);
    }
    introduce("parent");
    waitpid(child, NULL, 0);
    return 0;
}
