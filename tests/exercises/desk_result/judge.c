/*
  * judge.c: exercise 7. Which task's value is returned, and does asking again work?
 */
#include "judge.h"

#include <limits.h>
#include <signal.h>

#include "protocol.h"

#define TASK   (1u << KIND_TASK)
#define WROTE  (1u << KIND_WROTE)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   16

static struct request *held[MOST]; /* by ticket */
static long values[MOST];
static int tasks;

static void open_desk(struct session *session, int how_many)
{
    tasks = how_many;
    cue(session, (struct message){.value = {CUE_OPEN, tasks}});
    await_answer(session);
    for (int i = 0; i < tasks; i++) {
        struct request *task = await(session, TASK, STUCK);
        if (task == NULL)
            broken("a worker is missing");
        held[number_in(session, task, 0, 0, tasks - 1)] = task;
        values[i] = random_number(1000, 1000000) * 16 + i;
    }
}

static void close_desk(struct session *session)
{
    cue(session, (struct message){.value = {CUE_CLOSE}});
    await_answer(session);
    check_tidy(session);
}

/* The task is done: its answer is in the pipe. */
static void finish_task(struct session *session, int ticket)
{
    if (held[ticket] == NULL)
        fail(session, "impossible", "Task %d was begun twice, or never.", ticket);
    reply(session, held[ticket], values[ticket]);
    held[ticket] = NULL;
    struct request *wrote = await(session, WROTE, STUCK);
    if (wrote == NULL)
        broken("a worker is stuck");
    reply(session, wrote, 0);
}

static void ask(struct session *session, int ticket)
{
    cue(session, (struct message){.value = {CUE_RESULT, ticket}});
}

static int owner(long value)
{
    for (int i = 0; i < tasks; i++)
        if (values[i] == value)
            return i;
    return -1;
}

static void check_value(struct session *session, int ticket, const struct message *answer)
{
    long value = answer->value[1];
    if (answer->value[0] != 0)
        fail(session, "wrong_code",
             "Task %d is done, and desk_result() returned %ld, not 0.", ticket,
             answer->value[0]);
    if (value == values[ticket])
        return;
    if (value == (int)values[ticket])
        fail(
            session, "too_narrow",
            "Task %d had the value %ld, and desk_result() gave %ld: only the lowest 32 bits are "
            "right. Of which type is each variable that a value goes through?",
            ticket, values[ticket], value);
    if (owner(value) >= 0)
        fail(
            session, "completion_order",
            "Asked for the result of task %d, desk_result() returned that of task %d, whose "
            "answer came first. Which member of an answer says to which task it belongs?",
            ticket, owner(value));
    fail(session, "wrong_value", "Task %d had the value %ld, and desk_result() gave %ld.",
         ticket, values[ticket], value);
}

/* Ask for a task that is not done: desk_result() has to wait. */
static void ask_early(struct session *session, int ticket)
{
    ask(session, ticket);
    const struct request *early = await(session, ANSWER, SETTLED);
    if (early == NULL)
        return;
    if (early->message.value[0] == 0)
        check_value(session, ticket, &early->message);
    fail(session, "does_not_wait",
         "Task %d was not done, and desk_result() returned %ld instead of waiting.",
         ticket, early->message.value[0]);
}

static void whichever_first(struct session *session)
{
    open_desk(session, 3);
    ask_early(session, 0);
    finish_task(session, 2);
    const struct request *early = await(session, ANSWER, SETTLED);
    if (early != NULL) {
        if (early->message.value[0] == 0)
            check_value(session, 0, &early->message);
        fail(
            session, "does_not_wait",
            "Task 0 was not done, and desk_result() returned %ld instead of waiting when the "
            "answer to task 2 came.",
            early->message.value[0]);
    }
    finish_task(session, 0);
    struct message answer = await_answer(session);
    check_value(session, 0, &answer);
    ask(session, 2);
    const struct request *kept = await(session, ANSWER, STUCK);
    if (kept == NULL || kept->message.value[0] != 0)
        fail(
            session, "drops_early",
            "The answer to task 2 came while desk_result() waited for task 0. Now task 2 is "
            "asked for, and its answer is gone. Where does desk_result() keep an answer that "
            "it was not asked for?");
    check_value(session, 2, &kept->message);
    ask_early(session, 1);
    finish_task(session, 1);
    answer = await_answer(session);
    check_value(session, 1, &answer);
    close_desk(session);
}

static void ask_again(struct session *session, int ticket)
{
    ask(session, ticket);
    const struct request *again = await(session, ANSWER, STUCK);
    if (again == NULL)
        fail(
            session, "second_blocks",
            "Asked for the result of task %d a second time, desk_result() waits. The answer "
            "came once and won't come again. Where is it kept?",
            ticket);
    check_value(session, ticket, &again->message);
}

static void twice(struct session *session)
{
    open_desk(session, 3);
    for (int ticket = 0; ticket < 3; ticket++) {
        finish_task(session, ticket);
        ask(session, ticket);
        struct message answer = await_answer(session);
        check_value(session, ticket, &answer);
        ask_again(session, ticket);
    }
    for (int ticket = 0; ticket < 3; ticket++)
        ask_again(session, ticket);
    close_desk(session);
}

static void any_value(struct session *session)
{
    open_desk(session, 9); /* task 8 is not done, so more could come */
    int order[8];
    shuffle(order, 8);
    values[order[0]] = 0;
    values[order[1]] = -1;
    /* Their low halves are no other value. */
    values[order[2]] = LONG_MIN + 5;
    values[order[3]] = LONG_MAX - 7;
    for (int ticket = 0; ticket < 8; ticket++)
        finish_task(session, ticket);
    for (int round = 0; round < 2; round++)
        for (int ticket = 7; ticket >= 0; ticket--) {
            ask(session, ticket);
            const struct request *answer = await(session, ANSWER, STUCK);
            if (answer == NULL)
                fail(
                    session, "sentinel",
                    "Task %d was done with the value %ld, and desk_result() waits for it. How "
                    "does it tell a value from one that is not there yet?",
                    ticket, values[ticket]);
            check_value(session, ticket, &answer->message);
        }
    finish_task(session, 8);
    close_desk(session);
}

static void interrupted(struct session *session)
{
    open_desk(session, 1);
    ask_early(session, 0);
    for (int i = 0; i < 3; i++) {
        settle(session);
        kill(caller(session), SIGUSR1);
    }
    const struct request *early = await(session, ANSWER, SETTLED);
    if (early != NULL)
        fail(
            session, "eintr",
            "A signal arrived while desk_result() waited, and it returned %ld. What is in "
            "errno when read() returns -1?",
            early->message.value[0]);
    finish_task(session, 0);
    struct message answer = await_answer(session);
    check_value(session, 0, &answer);
    close_desk(session);
}

static void never(struct session *session)
{
    open_desk(session, 2);
    ask_early(session, 0);
    finish_task(session, 1);
    reply(session, held[0], DIE);
    struct message answer = await_answer(session);
    if (answer.value[0] != -1)
        fail(
            session, "no_answer",
            "The worker with task 0 ended without an answer, and desk_result() returned %ld, "
            "not -1. What does read() return when no process can write any more?",
            answer.value[0]);
    ask(session, 1);
    answer = await_answer(session);
    check_value(session, 1, &answer);
    close_desk(session);
}

static const struct scene scenes[] = {
    {"the right value, whichever task is done first", whichever_first, TO_PIPE},
    {"the same ticket twice", twice, TO_PIPE},
    {"0 and -1 are values, too", any_value, TO_PIPE},
    {"a signal does not end the wait", interrupted, TO_PIPE},
    {"an answer that never comes", never, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "desk_result()",
    .scenes = scenes,
};
