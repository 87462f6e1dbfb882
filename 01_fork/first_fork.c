/*
 * first_fork.c: the shortest program that becomes two processes.
 *
 * What it can't do, and fork.c can: notice that something failed.
 *
 *     build/01_fork/first_fork >/dev/full; echo $?     nothing was printed, and it says 0
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child = fork();
    printf("%ld is the %s\n", (long)getpid(), child == 0 ? "child" : "parent");
    if (child != 0)
        wait(NULL);
    return 0;
}
