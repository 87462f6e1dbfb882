/*
 * smallest_error.c: six children, six ways to end. The parent tells what became of each.
 *
 *     build/06_errors/smallest_error
 *
 * What it can do and the programs before can't: tell a task that failed from one that died, and
 * say why in words. What it still can't do: give a task that died another chance, or go on with
 * others meanwhile. It runs one task at a time, each in a process of its own.
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

static int succeed(void)
{
    return 0;
}

static int fail_with_7(void)
{
    return 7;
}

static int fail_in_words(void)
{
    strcpy(report->message, "OW!");
    return 1;
}

static int call_exit(void)
{
    exit(0); /* somewhere in a library, say */
}

/* As the kernel does when there is no memory left. */
static int be_killed(void)
{
    return raise(SIGKILL);
}

static int loop_for_ever(void)
{
    for (volatile int forever = 1; forever;)
        continue;
    return 0;
}

static int (*const tasks[])(void) = {succeed,   fail_with_7, fail_in_words,
                                     call_exit, be_killed,   loop_for_ever};

static void run(int (*task)(void))
{
    alarm(1); /* the time limit: then comes SIGALRM, and ends this process */
    report->value = task();
    report->returned = true;
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
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
        return fputs("usage: smallest_error\n", help ? stdout : stderr), help ? 0 : 2;
    }
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED)
        return perror("smallest_error: cannot map memory"), 1;
    for (int i = 0; i < 6; i++) {
        int status = 0;
        memset(report, 0, sizeof *report);
        pid_t child = fork();
        if (child < 0)
            return perror("smallest_error: cannot fork"), 1;
        if (child == 0) {
            run(tasks[i]);
            return report->value;
        }
        waitpid(child, &status, 0);
        explain(i, status);
        fflush(stdout);
    }
    return ferror(stdout) ? fputs("smallest_error: cannot write the output\n", stderr),
           1              : 0;
}
