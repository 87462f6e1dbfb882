/* hello is the parent's, printed when it likes. */
#include "hello_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int hello_once(void)
{
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        introduce("child");
        exit(0);
    }
    printf("hello\n");
    introduce("parent");
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}
