/*
 * driver.c: exercise 6, in the learner's program.
 */
#include "driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew_close.h"
#include "protocol.h"

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static _Noreturn void work(int worker, int queue)
{
    int task;
    while (read(queue, &task, sizeof task) == sizeof task)
        driver_ask(KIND_TASK, worker, task);
    long end = driver_ask(KIND_LEAVE, worker, 0);
    if (end >= KILLED)
        raise((int)(end - KILLED));
    _exit((int)end);
}

/* As in the README: each worker inherits the write ends of those before it. */
static void start_crew(struct crew *crew, int workers)
{
    crew->workers = workers;
    for (int i = 0; i < workers; i++) {
        int ends[2];
        if (pipe(ends) != 0)
            give_up("pipe");
        crew->pid[i] = fork();
        if (crew->pid[i] < 0)
            give_up("fork");
        if (crew->pid[i] == 0) {
            close(ends[1]);
            work(i, ends[0]);
        }
        close(ends[0]);
        crew->queue[i] = ends[1];
    }
}

static void submit(const struct crew *crew, int tasks)
{
    for (int task = 0; task < tasks; task++)
        for (int i = 0; i < crew->workers; i++)
            if (write(crew->queue[i], &task, sizeof task) != sizeof task)
                give_up("write");
}

static pid_t start_bystander(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        driver_ask(KIND_BYSTANDER, 0, 0);
        _exit(1);
    }
    return pid;
}

/* message: workers, tasks for each, whether there is a bystander. */
void driver_act(struct message *message)
{
    struct crew crew;
    pid_t bystander = message->value[2] ? start_bystander() : 0;
    start_crew(&crew, (int)message->value[0]);
    submit(&crew, (int)message->value[1]);
    driver_ask(KIND_OPENED, 0, 0);
    message->value[0] = crew_close(&crew);
    message->value[1] = bystander == 0 || waitpid(bystander, NULL, 0) == bystander;
}
