/*
 * driver.c: exercise 7, in the learner's program. A worker for each task.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk_result.h"
#include "protocol.h"

static struct desk desk;
static pid_t workers[DESK_MOST];
static int worker_count;

static _Noreturn void work(int ticket, int answers)
{
    struct answer answer = {.ticket = ticket, .value = driver_ask(KIND_TASK, ticket, 0)};
    if (answer.value == DIE)
        _exit(0);
    if (write(answers, &answer, sizeof answer) != sizeof answer)
        _exit(1);
    driver_ask(KIND_WROTE, ticket, 0);
    _exit(0);
}

static void open_desk(int tasks)
{
    int ends[2];
    if (pipe(ends) != 0) {
        perror("pipe");
        exit(1);
    }
    desk = (struct desk){.answers = ends[0]};
    worker_count = tasks;
    for (int ticket = 0; ticket < tasks; ticket++) {
        workers[ticket] = fork();
        if (workers[ticket] == 0) {
            close(ends[0]);
            work(ticket, ends[1]);
        }
    }
    close(ends[1]);
}

static void close_desk(void)
{
    close(desk.answers);
    for (int i = 0; i < worker_count; i++)
        while (waitpid(workers[i], NULL, 0) < 0 && errno == EINTR)
            continue;
}

void driver_act(struct message *message)
{
    long value = UNTOUCHED;
    switch (message->value[0]) {
    case CUE_OPEN:
        driver_interruptible(SIGUSR1);
        open_desk((int)message->value[1]);
        break;
    case CUE_RESULT:
        message->value[0] = desk_result(&desk, (int)message->value[1], &value);
        message->value[1] = value;
        break;
    case CUE_CLOSE:
        close_desk();
        break;
    }
}
