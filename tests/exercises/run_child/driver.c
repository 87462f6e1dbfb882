/*
 * driver.c: exercise 1, in the learner's program.
 */
#include "driver.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"
#include "run_child.h"

/* The judge decides what it returns, or what kills it, when it runs. */
static int work(void)
{
    long code = driver_ask(KIND_WORK, 0, 0);
    if (code >= KILLED)
        raise((int)(code - KILLED));
    return (int)code;
}

/* A child that the program has already. */
static pid_t start_bystander(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        driver_ask(KIND_BYSTANDER, 0, 0);
        _exit(BYSTANDER_CODE);
    }
    return pid;
}

void driver_act(struct message *message)
{
    int status = 0;
    pid_t bystander = 0;
    switch (message->value[0]) {
    case CUE_BYSTANDER:
        bystander = start_bystander();
        break;
    case CUE_INTERRUPT:
        driver_interruptible(SIGUSR1);
        break;
    }
    driver_let_fail(message->value[0]);
    message->value[0] = run_child(work);
    message->value[1] = bystander == 0 || waitpid(bystander, &status, 0) == bystander;
}
