/* The parent prints the child's line, too. */
#include "hello_once.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    printf("hello\n");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    printf("%ld is the child\n", (long)child);
    introduce("parent");
    waitpid(child, NULL, 0);
    return 0;
}
