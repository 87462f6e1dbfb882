/*
 * judge.c: exercise 7. Whose value comes back, and does asking again work?
 */
#include "judge.h"

#include <signal.h>

#include "script.h"

#define TASK   (1u << KIND_TASK)
#define WROTE  (1u << KIND_WROTE)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   16

static struct request *held[MOST]; /* by ticket */
static long values[MOST];
static int tasks;

static void open_desk(struct play *play, int how_many)
{
    tasks = how_many;
    cue(play, (struct message){.value = {CUE_OPEN, tasks}});
    await_answer(play);
    for (int i = 0; i < tasks; i++) {
        struct request *task = await(play, TASK, STUCK);
        if (task == NULL)
            broken("a worker is missing");
        held[task->message.value[0]] = task;
        values[i] = random_number(1000, 1000000) * 10 + i;
    }
}

static void close_desk(struct play *play)
{
    cue(play, (struct message){.value = {CUE_CLOSE}});
    await_answer(play);
    check_tidy(play);
}

/* The task is done: its answer is in the pipe. */
static void finish_task(struct play *play, int ticket)
{
    reply(play, held[ticket], values[ticket]);
    held[ticket] = NULL;
    struct request *wrote = await(play, WROTE, STUCK);
    if (wrote == NULL)
        broken("a worker is stuck");
    reply(play, wrote, 0);
}

static void ask(struct play *play, int ticket)
{
    cue(play, (struct message){.value = {CUE_RESULT, ticket}});
}

static int owner(long value)
{
    for (int i = 0; i < tasks; i++)
        if (values[i] == value)
            return i;
    return -1;
}

static void check_value(struct play *play, int ticket, const struct message *answer)
{
    long value = answer->value[1];
    if (answer->value[0] != 0)
        fail(play, "wrong_code",
             "Task %d is done, and desk_result() returned %ld, not 0.", ticket,
             answer->value[0]);
    if (value == values[ticket])
        return;
    if (owner(value) >= 0)
        fail(
            play, "completion_order",
            "Asked for the result of task %d, desk_result() came back with that of task %d, "
            "whose answer came first: an answer says whose it is.",
            ticket, owner(value));
    fail(play, "wrong_value", "Task %d had the value %ld, and desk_result() says %ld.",
         ticket, values[ticket], value);
}

/* Ask for a task that is not done: desk_result() has to wait. */
static void ask_early(struct play *play, int ticket)
{
    ask(play, ticket);
    const struct request *early = await(play, ANSWER, SETTLED);
    if (early == NULL)
        return;
    if (early->message.value[0] == 0)
        check_value(play, ticket, &early->message);
    fail(play, "does_not_wait",
         "Task %d was not done, and desk_result() returned %ld instead of waiting.",
         ticket, early->message.value[0]);
}

static void whichever_first(struct play *play)
{
    open_desk(play, 3);
    ask_early(play, 0);
    finish_task(play, 2);
    const struct request *early = await(play, ANSWER, SETTLED);
    if (early != NULL) {
        if (early->message.value[0] == 0)
            check_value(play, 0, &early->message);
        fail(
            play, "does_not_wait",
            "Task 0 was not done, and desk_result() returned %ld instead of waiting when the "
            "answer to task 2 came.",
            early->message.value[0]);
    }
    finish_task(play, 0);
    struct message answer = await_answer(play);
    check_value(play, 0, &answer);
    ask(play, 2);
    const struct request *kept = await(play, ANSWER, STUCK);
    if (kept == NULL || kept->message.value[0] != 0)
        fail(
            play, "drops_early",
            "The answer to task 2 came while desk_result() waited for task 0. Now task 2 is "
            "asked for, and its answer is gone: where does an answer go that is not the one "
            "waited for?");
    check_value(play, 2, &kept->message);
    ask_early(play, 1);
    finish_task(play, 1);
    answer = await_answer(play);
    check_value(play, 1, &answer);
    close_desk(play);
}

static void ask_again(struct play *play, int ticket)
{
    ask(play, ticket);
    const struct request *again = await(play, ANSWER, STUCK);
    if (again == NULL)
        fail(
            play, "second_blocks",
            "Asked for the result of task %d a second time, desk_result() waits: the answer "
            "came once and won't come again. Where is it now?",
            ticket);
    check_value(play, ticket, &again->message);
}

static void twice(struct play *play)
{
    open_desk(play, 3);
    for (int ticket = 0; ticket < 3; ticket++) {
        finish_task(play, ticket);
        ask(play, ticket);
        struct message answer = await_answer(play);
        check_value(play, ticket, &answer);
        ask_again(play, ticket);
    }
    for (int ticket = 0; ticket < 3; ticket++)
        ask_again(play, ticket);
    close_desk(play);
}

static void any_value(struct play *play)
{
    open_desk(play, 9); /* task 8 is not done, so more could come */
    values[3] = 0;
    values[4] = -1;
    for (int ticket = 0; ticket < 8; ticket++)
        finish_task(play, ticket);
    for (int round = 0; round < 2; round++)
        for (int ticket = 7; ticket >= 0; ticket--) {
            ask(play, ticket);
            const struct request *answer = await(play, ANSWER, STUCK);
            if (answer == NULL)
                fail(
                    play, "sentinel",
                    "Task %d was done with the value %ld, and desk_result() waits for it: how "
                    "do you tell a value from one that is not there yet?",
                    ticket, values[ticket]);
            check_value(play, ticket, &answer->message);
        }
    finish_task(play, 8);
    close_desk(play);
}

static void interrupted(struct play *play)
{
    open_desk(play, 1);
    ask_early(play, 0);
    for (int i = 0; i < 3; i++) {
        settle(play);
        kill(caller(play), SIGUSR1);
    }
    const struct request *early = await(play, ANSWER, SETTLED);
    if (early != NULL)
        fail(
            play, "eintr",
            "A signal came while desk_result() waited, and it returned %ld: what does errno "
            "say when read() returns -1?",
            early->message.value[0]);
    finish_task(play, 0);
    struct message answer = await_answer(play);
    check_value(play, 0, &answer);
    close_desk(play);
}

static void never(struct play *play)
{
    open_desk(play, 2);
    ask_early(play, 0);
    finish_task(play, 1);
    reply(play, held[0], DIE);
    struct message answer = await_answer(play);
    if (answer.value[0] != -1)
        fail(
            play, "no_answer",
            "The worker with task 0 ended without an answer, and desk_result() returned %ld, "
            "not -1: what does read() return when nobody can write any more?",
            answer.value[0]);
    ask(play, 1);
    answer = await_answer(play);
    check_value(play, 1, &answer);
    close_desk(play);
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
