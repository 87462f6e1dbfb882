/*
 * judge.c: exercise 8. Tasks are let go one at a time; is each() called for the one that ended?
 */
#include "judge.h"

#include <string.h>

#include "protocol.h"

#define TASK   (1u << KIND_TASK)
#define EACH   (1u << KIND_EACH)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   64

static struct request *held[MOST]; /* tasks that have begun */
static bool handed[MOST];
static int tasks, handed_count;

static void submit(struct session *session, int workers, int how_many)
{
    tasks = how_many;
    handed_count = 0;
    memset(handed, 0, sizeof handed);
    memset(held, 0, sizeof held);
    cue(session, (struct message){.value = {CUE_SUBMIT, workers, tasks}});
    await_answer(session);
}

/* Wait until this task has begun. */
static struct request *begun(struct session *session, int number)
{
    while (held[number] == NULL) {
        struct request *task = await(session, TASK, STUCK);
        if (task == NULL)
            broken("task %d does not begin", number);
        held[number_in(session, task, 0, 0, tasks - 1)] = task;
    }
    return held[number];
}

static _Noreturn void fail_returned(struct session *session, long returned)
{
    fail(
        session, returned == 0 ? "last_lost" : "wrong_code",
        "as_completed() returned %ld when %d of %d futures had been handed to each(). How does "
        "it know that none is left?",
        returned, handed_count, tasks);
}

/* each() is called, for this one. */
static void check_handed(struct session *session, const struct request *call,
                         int expected)
{
    long number = call->message.value[0];
    if (number < 0)
        fail(session, "not_one",
             "each() was called for something that is not one of the futures.");
    if (call->pid != caller(session))
        fail(
            session, "in_child",
            "each() was called by process %ld, and as_completed() by process %ld. What each() "
            "does to its memory has to be the caller's memory.",
            (long)call->own_id, caller_own_id(session));
    number_in(session, call, 0, 0, tasks - 1);
    if (handed[number])
        fail(session, "handed_twice", "each() was called twice for future %ld.", number);
    if (!call->message.value[1])
        fail(session, "too_early",
             "each() was called for future %ld, which had not ended.", number);
    if (expected >= 0 && number != expected)
        fail(session, "submit_order",
             "Future %d ended, and each() was called for future %ld.", expected, number);
    handed[number] = true;
    handed_count++;
}

/* Let a task end, in this way; each() must be called for its future, and for no other. */
static void let_go(struct session *session, int number, long how)
{
    reply(session, begun(session, number), how);
    struct request *call = await(session, EACH | ANSWER, STUCK);
    if (call != NULL && call->message.kind == KIND_ANSWER)
        fail_returned(session, call->message.value[0]);
    if (call == NULL && how != 0)
        fail(
            session, "failed_dropped",
            "Future %d ended because its task %s, and each() was not called for it. A future "
            "ends in more ways than one. Which status does as_completed() look for?",
            number, how == FAIL ? "failed" : "lost its worker");
    if (call == NULL)
        fail(
            session, "submit_order",
            "Future %d has ended, each() was not called for it, and as_completed() waits for "
            "something else. For which future?",
            number);
    check_handed(session, call, number);
    reply(session, call, 0);
}

static void collect(struct session *session)
{
    cue(session, (struct message){.value = {CUE_COLLECT}});
}

static void finish(struct session *session)
{
    struct request *next = await(session, EACH | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_EACH)
        check_handed(session, next, -1);
    struct message answer = next != NULL ? next->message : await_answer(session);
    if (handed_count < tasks)
        fail_returned(session, answer.value[0]);
    if (answer.value[0] != 0)
        fail(session, "wrong_code", "as_completed() returned %ld, not 0.",
             answer.value[0]);
    if (!answer.value[1])
        fail(session, "array_changed", "The caller's array is not as it was before.");
    if (answer.value[2] > 0)
        fail(
            session, "futures_freed",
            "as_completed() freed %ld of the futures. They belong to the caller, which may still ask "
            "them for their results and gives them back.",
            answer.value[2]);
    cue(session, (struct message){.value = {CUE_CLOSE}});
    await_answer(session);
    check_tidy(session);
}

static void in_order(struct session *session, int workers, const int order[], int count)
{
    submit(session, workers, count);
    begun(session, order[0]);
    collect(session);
    settle(session);
    for (int i = 0; i < count; i++)
        let_go(session, order[i], 0);
    finish(session);
}

static void gated(struct session *session)
{
    int order[8];
    do
        shuffle(order, 8);
    while (order[0] == 0);
    in_order(session, 8, order, 8);
    in_order(session, 4, (const int[]){3, 2, 1, 0}, 4);
    in_order(session, 2, (const int[]){1, 2, 0, 4, 3}, 5);
}

/* For half a second or more nothing happens. What does the program do meanwhile? If it can run all
 * the time, it is using a processor, or waiting for one; look until that is clear. */
static void idle(struct session *session)
{
    submit(session, 2, 2);
    begun(session, 0);
    begun(session, 1);
    collect(session);
    pause_for(0.1);
    const long before = process_sleeps(caller(session));
    const double begun_at = now(), cpu = process_cpu(caller(session));
    double used = 0;
    int asleep = 0;

    for (int i = 0; i < 25 || (asleep <= 12 && used < 0.25); i++) {
        pause_for(0.02);
        asleep += process_state(caller(session)) != 'R';
        used = process_cpu(caller(session)) - cpu;
    }
    const long sleeps = process_sleeps(caller(session)) - before;
    const bool spins = asleep <= 12 && used >= 0.25;
    if (spins || (double)sleeps > 40 * (now() - begun_at))
        fail(
            session, "busy_poll",
            "For a while no future ended, and as_completed() %s meanwhile. Asking again "
            "and again is not waiting. Which functions of future.h return only when a future "
            "has ended?",
            spins ? "kept a processor busy" : "kept waking up");
    let_go(session, 1, 0);
    let_go(session, 0, 0);
    finish(session);
}

static void other_ends(struct session *session)
{
    submit(session, 2, 5);
    begun(session, 1);
    collect(session);
    let_go(session, 1, FAIL);
    let_go(session, 0, DIE);
    let_go(session, 3, 0);
    let_go(session, 2, DIE);
    let_go(session, 4, FAIL);
    finish(session);
}

/* Some have ended before as_completed() is called. */
static void before_and_after(struct session *session)
{
    submit(session, 4, 40);
    for (int i = 0; i < 20; i++)
        reply(session, begun(session, i), 0);
    settle(session);
    collect(session);
    for (int i = 0; i < 20; i++) {
        struct request *call = await(session, EACH | ANSWER, STUCK);
        if (call != NULL && call->message.kind == KIND_ANSWER)
            fail_returned(session, call->message.value[0]);
        if (call == NULL)
            fail(
                session, "early_lost",
                "20 futures had ended before as_completed() was called, and each() has been "
                "called for %d of them.",
                i);
        check_handed(session, call, -1);
        reply(session, call, 0);
    }
    for (int i = 20; i < 40; i++)
        let_go(session, i, 0);
    finish(session);
    submit(session, 1, 0);
    collect(session);
    finish(session);
}

/* idle() is first: a program that is never idle can't be waited for. */
static const struct scene scenes[] = {
    {"waiting takes no processor time", idle, TO_PIPE},
    {"each future when it ends", gated, TO_PIPE},
    {"futures that fail or lose their worker", other_ends, TO_PIPE},
    {"many futures, some done before, none at all", before_and_after, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "as_completed()",
    .scenes = scenes,
};
