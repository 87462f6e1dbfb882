/*
 * driver.c: exercise 12, in the learner's program.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lost_worker.h"
#include "protocol.h"

static struct crew crew;
static pid_t pids[CREW_MOST];

static void close_worker(struct worker *worker)
{
    if (worker->to >= 0)
        close(worker->to);
    if (worker->from >= 0)
        close(worker->from);
    worker->to = worker->from = -1;
}

static _Noreturn void work(int in, int out)
{
    long input;
    signal(SIGPIPE, SIG_DFL);
    while (read(in, &input, sizeof input) == sizeof input) {
        struct message message = {.kind = KIND_TASK, .value = {input}};
        driver_exchange(&message);
        long result = message.value[0];
        bool last = result == DIE_AFTER;
        if (result == DIE)
            raise(SIGKILL);
        if (last) {
            close(in);
            result = message.value[1];
        }
        if (write(out, &result, sizeof result) != sizeof result)
            break;
        if (last)
            raise(SIGKILL);
    }
    _exit(0);
}

static void start_worker(struct worker *worker)
{
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) {
        perror("pipe");
        exit(1);
    }
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < CREW_MOST; i++)
            close_worker(&crew.worker[i]);
        close(to[1]);
        close(from[0]);
        work(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    worker->to = to[1];
    worker->from = from[0];
    pids[worker - crew.worker] = pid;
}

static void bury(struct worker *worker)
{
    close_worker(worker);
    while (waitpid(pids[worker - crew.worker], NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void replace(struct worker *worker)
{
    bury(worker);
    start_worker(worker);
}

void driver_act(struct message *message)
{
    static long inputs[MOST_TASKS], results[MOST_TASKS];
    static enum outcome outcomes[MOST_TASKS];
    size_t count = (size_t)message->value[1];
    crew.workers = (int)message->value[0];
    crew.replace = replace;
    for (int i = 0; i < CREW_MOST; i++)
        crew.worker[i] = (struct worker){-1, -1};
    for (int i = 0; i < crew.workers; i++)
        start_worker(&crew.worker[i]);
    for (size_t i = 0; i < MOST_TASKS; i++) {
        inputs[i] = (long)i;
        results[i] = 0;
        outcomes[i] = 0;
    }
    int returned = run_tasks(&crew, inputs, results, outcomes, count);
    driver_ask(KIND_RETURNED, returned, 0);
    for (size_t i = 0; i < count && returned == 0; i++) {
        struct message outcome = {.kind = KIND_OUTCOME,
                                  .value = {(long)i, outcomes[i], results[i]}};
        driver_exchange(&outcome);
    }
    for (int i = 0; i < crew.workers; i++)
        bury(&crew.worker[i]);
    message->value[0] = returned;
}
