/*
 * first_pipe.c: results from the child, through a pipe.
 *
 *     build/02_fork_split/first_pipe
 *
 * What it can do and fork_split.c can't: bring back more than one small number. The parent
 * adds up its own half of ten results, and the child's half, which it reads from the pipe.
 *
 *     build/02_fork_split/first_pipe forget
 *
 * The parent forgets to close its own writing end. The pipe does not end as long as there is
 * one, so the parent waits for itself. After a second an alarm ends the demonstration.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define USAGE "usage: first_pipe [forget]\n"

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void give_up(int signal)
{
    static const char text[] = "first_pipe: the child has ended, the pipe has not\n";
    (void)signal;
    _exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? 2 : 1);
}

static long cube(long task)
{
    return task * task * task;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (argc > 2 || (argc == 2 && strcmp(word, "forget") != 0)) {
        int help = strcmp(word, "--help") == 0;
        return fputs(USAGE, help ? stdout : stderr), help ? 0 : 2;
    }

    int ends[2]; /* ends[0] is to read from, ends[1] to write to */
    if (pipe(ends) != 0)
        fail("first_pipe: cannot make a pipe");
    pid_t child = fork(); /* both ends are copied, as all open files are */
    if (child < 0)
        fail("first_pipe: cannot fork");

    if (child == 0) {
        close(ends[0]);
        for (long task = 5; task < 10; task++) {
            long result = cube(task);
            if (write(ends[1], &result, sizeof result) != sizeof result)
                return 1;
        }
        return 0; /* at its end, its ends of the pipe are closed */
    }

    if (strcmp(word, "forget") != 0) {
        close(ends[1]);
    } else {
        signal(SIGALRM, give_up);
        alarm(1);
    }
    long sum = 0;
    for (long task = 0; task < 5; task++)
        sum += cube(task);
    for (long result; read(ends[0], &result, sizeof result) == sizeof result;) {
        printf("The child's result: %ld\n", result);
        sum += result;
    }
    close(ends[0]);
    wait(NULL);
    printf("The sum of both halves: %ld\n", sum);
    if (fflush(stdout) != 0)
        fail("first_pipe: cannot write the output");
    return 0;
}
