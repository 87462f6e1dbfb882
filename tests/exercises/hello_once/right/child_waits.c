/* The greeting is printed by the parent behind the fork, and the child waits for it. */
#include "hello_once.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        close(ends[1]);
        (void)!read(ends[0], &byte, 1);
        introduce("child");
        fflush(stdout);
        _exit(0);
    }
    printf("hello\n");
    fflush(stdout);
    close(ends[0]);
    close(ends[1]);
    introduce("parent");
    waitpid(child, NULL, 0);
    return 0;
}
