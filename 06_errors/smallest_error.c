/*
 * smallest_error.c: six children, six ways to end. The parent tells what became of each.
 *
 *     build/06_errors/smallest_error
 *
 * What it can do and the programs before can't: tell a task that failed from one that died, and
 * say why in words. What it still can't do: run two tasks at a time, or limit the time of a task
 * that ignores SIGALRM.
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child leaves for its parent, in memory that they share. */
static struct report {
    bool returned; /* the task came to its end */
    int value;     /* and returned this: 0 is good */
    char message[80];
} * report;

static int task(int number)
{
    switch (number) {
    case 1:
        return 7;
    case 2:
        strcpy(report->message, "OW!");
        return 1;
    case 3:
        exit(0); /* somewhere in a library, say */
    case 4:
        return raise(SIGKILL); /* as the kernel does when there is no memory left */
    case 5:
        while (pause() != 0) /* sleeps until a handler has run: forever, there is none */
            continue;
    default:
        break;
    }
    return 0;
}

/* waitpid() puts two numbers into one: from bit 8 on the exit status, in bits 0 to 6 the signal
 * that ended the child, or 0. (<sys/wait.h> has macros for it: WEXITSTATUS(), WTERMSIG().) */
static void explain(int number, int status)
{
    int signal = status & 0x7f, exit_status = status >> 8 & 0xff;
    printf("Task %d, status 0x%04x: ", number, (unsigned)status & ~0x80u);
    if (signal == SIGALRM)
        puts("stopped at its time limit");
    else if (signal != 0)
        printf("killed by signal %d (%s)\n", signal, strsignal(signal));
    else if (!report->returned)
        printf("exited with status %d before it returned\n", exit_status);
    else if (report->message[0] != '\0')
        printf("failed with %s\n", report->message);
    else if (report->value != 0)
        printf("failed with %d\n", report->value);
    else
        puts("returned");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1)
        return fputs("usage: smallest_error\n", help ? stdout : stderr), help ? 0 : 2;
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED)
        return perror("smallest_error: cannot map memory"), 1;
    for (int i = 0, status; i < 6; i++) {
        memset(report, 0, sizeof *report);
        pid_t child = fork();
        if (child < 0)
            return perror("smallest_error: cannot fork"), 1;
        if (child == 0) {
            alarm(1); /* the time limit: then SIGALRM comes, and ends this process */
            report->value = task(i);
            report->returned = true;
            return report->value;
        }
        waitpid(child, &status, 0);
        explain(i, status);
    }
    if (ferror(stdout))
        return fputs("smallest_error: cannot write the output\n", stderr), 1;
    return 0;
}
