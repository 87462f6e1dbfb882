/*
 * judge.c: exercise 5. Which worker does which task, and is any idle while a task waits?
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "protocol.h"

#define TASK   (1u << KIND_TASK)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   20000

static int workers, tasks, begun;
static pid_t pids[MOST]; /* the different processes that did a task */
static int pid_count;
static bool taken[MOST];

static void start(struct session *session, int how_many, int how_much)
{
    workers = how_many;
    tasks = how_much;
    begun = pid_count = 0;
    memset(taken, 0, sizeof taken);
    cue(session, (struct message){.value = {workers, tasks}});
}

static void note_worker(struct session *session, const struct request *task)
{
    if (task->pid == caller(session))
        fail(
            session, "in_parent",
            "Task %ld was done by the process that called run_tasks(). Only its workers may "
            "do tasks.",
            task->message.value[0]);
    for (int i = 0; i < pid_count; i++)
        if (pids[i] == task->pid)
            return;
    pids[pid_count++] = task->pid;
    if (pid_count > workers)
        fail(
            session, "fork_per_task",
            "%d different processes have done %d tasks, with %d workers asked for. A worker "
            "that has done a task takes the next one. Where is fork() called, and how often?",
            pid_count, begun, workers);
}

/* A task begins, and is held. NULL: none does any more. */
static struct request *await_task(struct session *session, double quiet)
{
    struct request *next = await(session, TASK | ANSWER, quiet);
    if (next == NULL)
        return NULL;
    if (next->message.kind == KIND_ANSWER)
        fail(session, begun == 0 ? "not_called" : "returns_early",
             "run_tasks() returned %ld when %d of %d tasks had begun.",
             next->message.value[0], begun, tasks);
    long task = next->message.value[0];
    begun++;
    if (task < 0 || task >= tasks)
        fail(session, "no_such_task", "do_task(%ld) was called. The tasks are 0 to %d.",
             task, tasks - 1);
    if (taken[task])
        fail(session, "done_twice",
             "Task %ld was done twice. How does a worker know that another has taken it?",
             task);
    taken[task] = true;
    note_worker(session, next);
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

/* Every process waits. Which one could still write to the queue? */
static _Noreturn void fail_stuck(struct session *session)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    for (int i = -1; i < pid_count && begun == tasks; i++) {
        pid_t pid = i < 0 ? caller(session) : pids[i];
        const struct descriptor *end = write_end(pid, list);
        if (end != NULL && process_lives(pid))
            fail(
                session, "write_end_open",
                "All tasks are done, and the workers wait for another: %s (process %ld) has "
                "descriptor %s open. A pipe has no end as long as a process could write to it.",
                i < 0 ? "the parent" : "a worker", (long)process_own_id(pid),
                describe_descriptor(end));
    }
    if (begun < tasks)
        fail(
            session, "hangs",
            "%d of %d tasks have begun, and every process of the program waits. Which process "
            "waits for what?",
            begun, tasks);
    (void)await_answer(session);
    fail(session, "hangs", "run_tasks() does not return.");
}

static void finish(struct session *session)
{
    struct request *next = await(session, TASK | ANSWER, STUCK);
    if (next == NULL)
        fail_stuck(session);
    if (next->message.kind == KIND_TASK)
        fail(session, "done_twice",
             "All %d tasks were done, and then do_task(%ld) was called once more.", tasks,
             next->message.value[0]);
    check_tidy(session);
    if (next->message.value[0] != 0)
        fail(session, "wrong_code", "run_tasks() returned %ld, not 0.",
             next->message.value[0]);
}

static void do_rest(struct session *session)
{
    while (begun < tasks) {
        struct request *task = await_task(session, STUCK);
        if (task == NULL)
            fail_stuck(session);
        reply(session, task, 0);
    }
    finish(session);
}

/* As many tasks at a time as there are workers; then all the rest. */
static void all_at_work(struct session *session)
{
    struct request *held[8];
    start(session, 3, (int)random_number(9, 14));
    for (int i = 0; i < workers; i++) {
        held[i] = await_task(session, STUCK);
        if (held[i] == NULL)
            fail(
                session, "one_worker",
                "%d task%s at a time, with %d workers asked for and %d tasks to do. What do "
                "the other workers wait for, or were they never started?",
                i, plural(i), workers, tasks);
    }
    if (pid_count < workers)
        fail(
            session, "one_process",
            "%d tasks are at work at a time, and they are in %d process%s. Each of the %d "
            "workers is a process of its own.",
            workers, pid_count, pid_count == 1 ? "" : "es", workers);
    struct request *more = await_task(session, SETTLED);
    if (more != NULL)
        fail(session, "done_twice",
             "A worker began another task before it had done the first.");
    for (int i = 0; i < workers; i++)
        reply(session, held[i], 0);
    do_rest(session);
}

/* One task takes long. All others must be done meanwhile. */
static void one_long(struct session *session, int many, int which)
{
    struct request *longest = NULL, *task;
    start(session, 3, many);
    while (begun < tasks) {
        if ((task = await_task(session, STUCK)) == NULL)
            break;
        if (task->message.value[0] == which)
            longest = task;
        else
            reply(session, task, 0);
    }
    if (longest == NULL)
        fail_stuck(session);
    if (begun < tasks) {
        int waits = 0;
        while (taken[waits])
            waits++;
        fail(
            session, "static_split",
            "While one worker was busy with task %d, the other %d had nothing to do, and %d "
            "task%s waited, task %d among them. What decides which worker does task %d, and "
            "when?",
            which, workers - 1, tasks - begun, plural(tasks - begun), waits, waits);
    }
    reply(session, longest, 0);
    finish(session);
}

static void none_idle(struct session *session)
{
    const int many = (int)random_number(8, 14);
    one_long(session, many, 0);
    one_long(session, many, (int)random_number(1, many - 2));
    one_long(session, many, many - 1);
}

/* 16385 numbers of 4 bytes are more than 64 KiB. */
static void many_tasks(struct session *session)
{
    start(session, 4, (int)random_number(16500, 17500));
    struct request *first = await_task(session, STUCK);
    if (first == NULL)
        fail(
            session, "full_pipe",
            "With %d tasks, none was begun, and every process waits. Which process puts the "
            "tasks into the pipe, and which takes them out when it is full (64 KiB)?",
            tasks);
    reply(session, first, 0);
    do_rest(session);
}

static void edges(struct session *session)
{
    const int cases[][2] = {{1, (int)random_number(2, 9)}, {8, 8}, {4, 2}, {2, 0}};
    for (int i = 0; i < 4; i++) {
        start(session, cases[i][0], cases[i][1]);
        do_rest(session);
    }
}

/* -1, or all is done in spite of it. */
static void failure(struct session *session)
{
    const struct failing *failing = failing_call();
    struct request *next;
    workers = 4;
    tasks = (int)random_number(5, 9);
    begun = pid_count = 0;
    memset(taken, 0, sizeof taken);
    cue(session, (struct message){.value = {workers, tasks, failing->cue}});
    while ((next = await(session, TASK | ANSWER, STUCK)) != NULL &&
           next->message.kind == KIND_TASK) {
        begun++;
        note_worker(session, next);
        reply(session, next, 0);
    }
    struct message answer = next != NULL ? next->message : await_answer(session);
    check_tidy(session);
    if (answer.value[0] == -1 || (answer.value[0] == 0 && begun == tasks))
        return;
    fail(
        session, "failure_hidden",
        "%s failed, and run_tasks() returned %ld when %d of %d tasks had been done. What does "
        "%s return when it fails, and what does the caller want to know?",
        failing->what, answer.value[0], begun, tasks, failing->call);
}

static const struct scene scenes[] = {
    {"all workers work, and no other process does", all_at_work, TO_PIPE},
    {"no worker is idle while a task waits", none_idle, TO_PIPE},
    {"more tasks than a pipe holds", many_tasks, TO_PIPE},
    {"one worker, few tasks, none", edges, TO_PIPE},
    {"no worker can be started: -1", failure, CUE_NO_FORK},
    {"the third can't: -1, or the others do all", failure, CUE_TWO_FORKS},
    {"no pipe: -1", failure, CUE_NO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_tasks()",
    .scenes = scenes,
};
