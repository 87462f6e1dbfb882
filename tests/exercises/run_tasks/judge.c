/*
 * judge.c: exercise 5. Who does which task, and is anybody idle while a task waits?
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "script.h"

#define TASK   (1u << KIND_TASK)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   20000

static int workers, tasks, begun;
static pid_t pids[MOST]; /* the different processes that did a task */
static int pid_count;
static bool taken[MOST];

static void start(struct play *play, int how_many, int how_much)
{
    workers = how_many;
    tasks = how_much;
    begun = pid_count = 0;
    memset(taken, 0, sizeof taken);
    cue(play, (struct message){.value = {workers, tasks}});
}

static void note_worker(struct play *play, const struct request *task)
{
    if (task->pid == caller(play))
        fail(play, "in_parent",
             "Task %ld was done by the process that called run_tasks(); that is for its "
             "workers to do.",
             task->message.value[0]);
    for (int i = 0; i < pid_count; i++)
        if (pids[i] == task->pid)
            return;
    pids[pid_count++] = task->pid;
    if (pid_count > workers)
        fail(
            play, "fork_per_task",
            "%d different processes have done %d tasks, with %d workers asked for: a worker "
            "that has done a task takes the next one. Who forks here, and how often?",
            pid_count, begun, workers);
}

/* A task begins, and is held. NULL: none does any more. */
static struct request *await_task(struct play *play, double quiet)
{
    struct request *next = await(play, TASK | ANSWER, quiet);
    if (next == NULL)
        return NULL;
    if (next->message.kind == KIND_ANSWER)
        fail(play, begun == 0 ? "not_called" : "returns_early",
             "run_tasks() returned %ld when %d of %d tasks had begun.",
             next->message.value[0], begun, tasks);
    long task = next->message.value[0];
    begun++;
    if (task < 0 || task >= tasks)
        fail(play, "no_such_task",
             "do_task(%ld) was called, and there are tasks 0 to %d.", task, tasks - 1);
    if (taken[task])
        fail(play, "done_twice",
             "Task %ld was done twice: how does a worker know that another has taken it?",
             task);
    taken[task] = true;
    note_worker(play, next);
    return next;
}

static const struct descriptor *write_end(pid_t pid, struct descriptor *list)
{
    size_t count = descriptors(pid, list);
    for (size_t i = 0; i < count; i++)
        if (list[i].writes && strncmp(list[i].target, "pipe:", 5) == 0 &&
            list[i].number > 2)
            return &list[i];
    return NULL;
}

/* All is done, and nobody ends. Who could still write to the queue? */
static _Noreturn void fail_stuck(struct play *play)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    for (int i = -1; i < pid_count; i++) {
        pid_t pid = i < 0 ? caller(play) : pids[i];
        const struct descriptor *end = write_end(pid, list);
        if (end != NULL && process_lives(pid))
            fail(
                play, "write_end_open",
                "All tasks are done, and the workers wait for another: %s (process %ld) has "
                "descriptor %s open, and as long as somebody could write, a pipe has no end.",
                i < 0 ? "the parent" : "a worker", (long)pid, describe_descriptor(end));
    }
    (void)await_answer(play);
    fail(play, "hangs", "run_tasks() does not return.");
}

static void finish(struct play *play)
{
    struct request *next = await(play, TASK | ANSWER, STUCK);
    if (next == NULL)
        fail_stuck(play);
    if (next->message.kind == KIND_TASK)
        fail(play, "done_twice",
             "All %d tasks were done, and then do_task(%ld) was called once more.", tasks,
             next->message.value[0]);
    check_tidy(play);
    if (next->message.value[0] != 0)
        fail(play, "wrong_code", "run_tasks() returned %ld, not 0.",
             next->message.value[0]);
}

/* As many tasks at a time as there are workers; then all the rest. */
static void all_at_work(struct play *play)
{
    struct request *held[8];
    start(play, 3, 10);
    for (int i = 0; i < workers; i++) {
        held[i] = await_task(play, STUCK);
        if (held[i] == NULL)
            fail(
                play, "one_worker",
                "%d task%s at a time, with %d workers asked for and 10 tasks to do: what do "
                "the other workers wait for, or were they never started?",
                i, plural(i), workers);
    }
    struct request *more = await_task(play, SETTLED);
    if (more != NULL)
        fail(play, "done_twice",
             "A worker began another task before it had done the first.");
    for (int i = 0; i < workers; i++)
        reply(play, held[i], 0);
    while (begun < tasks) {
        struct request *task = await_task(play, STUCK);
        if (task == NULL)
            fail_stuck(play);
        reply(play, task, 0);
    }
    finish(play);
}

/* One task takes long. All others must be done meanwhile. */
static void one_long(struct play *play, int which)
{
    struct request *longest = NULL, *task;
    start(play, 3, 9);
    while (begun < tasks) {
        if ((task = await_task(play, STUCK)) == NULL)
            break;
        if (task->message.value[0] == which)
            longest = task;
        else
            reply(play, task, 0);
    }
    if (longest == NULL)
        fail_stuck(play);
    if (begun < tasks) {
        int waits = 0;
        while (taken[waits])
            waits++;
        fail(
            play, "static_split",
            "While one worker was busy with task %d, the other %d had nothing to do, and %d "
            "task%s waited, task %d among them: who decides who does task %d, and when?",
            which, workers - 1, tasks - begun, plural(tasks - begun), waits, waits);
    }
    reply(play, longest, 0);
    finish(play);
}

static void nobody_idle(struct play *play)
{
    one_long(play, 0);
    one_long(play, 4);
    one_long(play, 8);
}

/* 17000 numbers of 4 bytes are more than 64 KiB. */
static void many_tasks(struct play *play)
{
    start(play, 4, 17000);
    while (begun < tasks) {
        struct request *task = await_task(play, STUCK);
        if (task == NULL && begun == 0)
            fail(
                play, "full_pipe",
                "With %d tasks, none was begun, and nobody has anything to do: who puts the "
                "tasks into the pipe when it is full (64 KiB), and who takes them out?",
                tasks);
        if (task == NULL)
            fail_stuck(play);
        reply(play, task, 0);
    }
    finish(play);
}

static void edges(struct play *play)
{
    const int cases[][2] = {{1, 5}, {8, 8}, {4, 2}, {2, 0}};
    for (int i = 0; i < 4; i++) {
        start(play, cases[i][0], cases[i][1]);
        while (begun < tasks) {
            struct request *task = await_task(play, STUCK);
            if (task == NULL)
                fail_stuck(play);
            reply(play, task, 0);
        }
        finish(play);
    }
}

static const struct scene scenes[] = {
    {"all workers work, and no other process does", all_at_work, TO_PIPE},
    {"nobody is idle while a task waits", nobody_idle, TO_PIPE},
    {"more tasks than a pipe holds", many_tasks, TO_PIPE},
    {"one worker, few tasks, none", edges, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_tasks()",
    .scenes = scenes,
};
