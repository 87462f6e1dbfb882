/*
  * judge.c: exercise 6. Is everything done, and has every worker gone?
 */
#include "judge.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

#define TASK   (1u << KIND_TASK)
#define LEAVE  (1u << KIND_LEAVE)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   16

static int workers, tasks, done;
static bool has_bystander;
static pid_t pids[MOST];
static char queues[MOST][64]; /* the pipe that each worker reads from */

static bool has(pid_t pid, const char *pipe, bool writes, struct descriptor *found)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(pid, list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].target, pipe) == 0 && list[i].writes == writes) {
            *found = list[i];
            return true;
        }
    return false;
}

static void note_worker(struct session *session, const struct request *task)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(task->pid, list);
    long worker = number_in(session, task, 0, 0, workers - 1);
    pids[worker] = task->pid;
    for (size_t i = 0; i < count; i++)
        if (list[i].number > 2 && !list[i].writes &&
            strncmp(list[i].target, "pipe:", 5) == 0)
            snprintf(queues[worker], sizeof queues[worker], "%s", list[i].target);
}

static _Noreturn void fail_killed(struct session *session)
{
    fail(
        session, "kill_before_drain",
        "A worker was killed when %d of %d tasks had been done: what was in its queue is lost. "
        "How does a worker find out that no more tasks are coming?",
        done, workers * tasks);
}

/* All workers have begun their first task and are held; crew_close() has been called, and waits. */
static void await_crew(struct session *session, struct request *first[])
{
    for (int i = 0; i < workers; i++) {
        if ((first[i] = await(session, TASK, STUCK)) == NULL)
            broken("a worker is missing");
        note_worker(session, first[i]);
    }
    struct request *opened = await(session, 1u << KIND_OPENED, STUCK);
    if (opened == NULL)
        broken("the crew is not open");
    reply(session, opened, 0);
    settle(session);
    if (await_death(session, SETTLED) != NULL)
        fail_killed(session);
    if (await(session, ANSWER, SETTLED) != NULL)
        fail(
            session, "does_not_wait",
            "crew_close() returned while all workers were at work. Where does it wait until all "
            "tasks are done?");
}

/* Every process waits, and crew_close() does not return. */
static _Noreturn void fail_stuck(struct session *session)
{
    struct descriptor end;
    int waiting = -1;
    for (int i = 0; i < workers; i++) {
        if (!process_lives(pids[i]))
            continue;
        waiting = i;
        if (has(caller(session), queues[i], true, &end))
            continue;
        for (int k = 0; k < workers; k++)
            if (k != i && process_lives(pids[k]) && has(pids[k], queues[i], true, &end))
                fail(
                    session, "close_in_turn",
                    "crew_close() waits for worker %d, whose queue it has closed. But worker "
                    "%d has the write end of that queue, too, as its descriptor %d, and waits for "
                    "the end of its own. In which order can this work?",
                    i, k, end.number);
    }
    if (waiting >= 0 && has(caller(session), queues[waiting], true, &end))
        fail(
            session, "not_closed",
            "crew_close() waits for the workers, and worker %d waits for more tasks: the write "
            "end of its queue is still open in the parent, as descriptor %d.",
            waiting, end.number);
    (void)await_answer(session);
    fail(session, "hangs", "crew_close() does not return.");
}

static _Noreturn void fail_any_child(struct session *session)
{
    fail(
        session, "any_child",
        "The program had another child, which did not belong to the crew, and crew_close() "
        "waited for that one, too. Which children does its wait name?");
}

/* crew_close() has returned, and not all tasks are done. */
static _Noreturn void fail_early(struct session *session)
{
    for (int i = 0; i < workers; i++)
        if (process_lives(pids[i])) {
            if (has_bystander)
                fail_any_child(session);
            fail(
                session, "does_not_wait",
                "crew_close() returned when %d of %d tasks were done, and worker %d was still "
                "at work. Which workers does it wait for?",
                done, workers * tasks, i);
        }
    fail_killed(session);
}

/* Let the workers do their tasks and go, each in its way. Returns the answer. */
static struct message play_on(struct session *session, struct request *first[],
                              const long ends[])
{
    struct request *next;
    for (int i = workers - 1; i >= 0; i--, done++)
        reply(session, first[i], 0);
    while ((next = await(session, TASK | LEAVE | ANSWER, STUCK)) != NULL) {
        if (next->message.kind == KIND_ANSWER)
            break;
        long worker = number_in(session, next, 0, 0, workers - 1);
        done += next->message.kind == KIND_TASK;
        reply(session, next, next->message.kind == KIND_TASK ? 0 : ends[worker]);
    }
    if (next == NULL)
        fail_stuck(session);
    if (done < workers * tasks)
        fail_early(session);
    return next->message;
}

static struct message close_crew(struct session *session, int how_many, int how_much,
                                 const long ends[], bool with_bystander)
{
    struct request *first[MOST], *other = NULL;
    workers = how_many;
    tasks = how_much;
    done = 0;
    has_bystander = with_bystander;

    cue(session, (struct message){.value = {workers, tasks, with_bystander}});
    if (with_bystander && (other = await(session, 1u << KIND_BYSTANDER, STUCK)) == NULL)
        broken("the bystander is missing");
    if (other != NULL)
        reply(session, other, 0);
    await_crew(session, first);
    return play_on(session, first, ends);
}

static void all_done(struct session *session)
{
    const long well[MOST] = {0};
    const int crews[][2] = {{3, (int)random_number(2, 6)}, {1, 2}, {MOST, 1}};
    for (int i = 0; i < 3; i++) {
        struct message answer =
            close_crew(session, crews[i][0], crews[i][1], well, false);
        check_tidy(session);
        if (answer.value[0] != 0)
            fail(
                session, "wrong_count",
                "All %d workers ended with exit status 0, and crew_close() returned %ld.",
                crews[i][0], answer.value[0]);
    }
}

static void bad_ends(struct session *session)
{
    long ends[MOST] = {0};
    int order[9];
    const int crew = (int)random_number(6, 9), codes = (int)random_number(1, 3),
              signals = (int)random_number(1, 2);
    shuffle(order, crew);
    for (int i = 0; i < codes + signals; i++)
        ends[order[i]] = i < codes ? random_number(1, 255) : KILLED + SIGKILL;
    struct message answer = close_crew(session, crew, 2, ends, false);
    check_tidy(session);
    if (answer.value[0] != codes + signals)
        fail(
            session, "lost_failure",
            "Of %d workers, %d ended with exit statuses other than 0 and %d by a signal, and "
            "crew_close() returned %ld, not %d. What does waitpid() report of each?",
            crew, codes, signals, answer.value[0], codes + signals);
}

static void bystander(struct session *session)
{
    const long well[MOST] = {0};
    struct message answer = close_crew(session, 3, 2, well, true);
    if (answer.value[1] == 0)
        fail_any_child(session);
    check_tidy(session);
    if (answer.value[0] != 0)
        fail(session, "wrong_count",
             "All 3 workers ended with exit status 0, and crew_close() returned %ld.",
             answer.value[0]);
}

static const struct scene scenes[] = {
    {"all is done, and no process is left", all_done, TO_PIPE},
    {"workers that ended badly are counted", bad_ends, TO_PIPE},
    {"other children are left alone", bystander, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "crew_close()",
    .scenes = scenes,
};
