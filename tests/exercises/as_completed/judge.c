/*
 * judge.c: exercise 8. Tasks are let go one at a time; is each() called for the one that ended?
 */
#include "judge.h"

#include <string.h>

#include "script.h"

#define TASK   (1u << KIND_TASK)
#define EACH   (1u << KIND_EACH)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   64

static struct request *held[MOST]; /* tasks that have begun */
static bool handed[MOST];
static int tasks, handed_count;

static void submit(struct play *play, int workers, int how_many)
{
    tasks = how_many;
    handed_count = 0;
    memset(handed, 0, sizeof handed);
    memset(held, 0, sizeof held);
    cue(play, (struct message){.value = {CUE_SUBMIT, workers, tasks}});
    await_answer(play);
}

/* Wait until this task has begun. */
static struct request *begun(struct play *play, int number)
{
    while (held[number] == NULL) {
        struct request *task = await(play, TASK, STUCK);
        if (task == NULL)
            broken("task %d does not begin", number);
        held[task->message.value[0]] = task;
    }
    return held[number];
}

static _Noreturn void fail_returned(struct play *play, long returned)
{
    fail(
        play, returned == 0 ? "last_lost" : "wrong_code",
        "as_completed() returned %ld when %d of %d futures had been handed to each(): how does "
        "it know that none is left?",
        returned, handed_count, tasks);
}

/* each() is called, for this one. */
static void check_handed(struct play *play, const struct request *call, int expected)
{
    long number = call->message.value[0];
    if (number < 0)
        fail(play, "not_one",
             "each() was called for something that is not one of the futures.");
    if (handed[number])
        fail(play, "handed_twice", "each() was called twice for future %ld.", number);
    if (!call->message.value[1])
        fail(play, "too_early", "each() was called for future %ld, which had not ended.",
             number);
    if (expected >= 0 && number != expected)
        fail(play, "submit_order",
             "Future %d ended, and each() was called for future %ld.", expected, number);
    handed[number] = true;
    handed_count++;
}

/* Let a task end, in this way; each() must be called for its future, and for no other. */
static void let_go(struct play *play, int number, long how)
{
    reply(play, begun(play, number), how);
    struct request *call = await(play, EACH | ANSWER, STUCK);
    if (call != NULL && call->message.kind == KIND_ANSWER)
        fail_returned(play, call->message.value[0]);
    if (call == NULL && how != 0)
        fail(
            play, "failed_dropped",
            "Future %d ended, since its task %s, and each() was not called for it: a future "
            "ends in more ways than one. Which status do you look for?",
            number, how == FAIL ? "failed" : "lost its worker");
    if (call == NULL)
        fail(
            play, "submit_order",
            "Future %d has ended, each() was not called for it, and as_completed() waits for "
            "something else: for which future?",
            number);
    check_handed(play, call, number);
    reply(play, call, 0);
}

static void collect(struct play *play)
{
    cue(play, (struct message){.value = {CUE_COLLECT}});
}

static void finish(struct play *play)
{
    struct request *next = await(play, EACH | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_EACH)
        check_handed(play, next, -1);
    struct message answer = next != NULL ? next->message : await_answer(play);
    if (handed_count < tasks)
        fail_returned(play, answer.value[0]);
    if (answer.value[0] != 0)
        fail(play, "wrong_code", "as_completed() returned %ld, not 0.", answer.value[0]);
    if (!answer.value[1])
        fail(play, "array_changed", "The caller's array is not as it was before.");
    cue(play, (struct message){.value = {CUE_CLOSE}});
    await_answer(play);
    check_tidy(play);
}

static void in_order(struct play *play, int workers, const int order[], int count)
{
    submit(play, workers, count);
    begun(play, order[0]);
    collect(play);
    settle(play);
    for (int i = 0; i < count; i++)
        let_go(play, order[i], 0);
    finish(play);
}

static void gated(struct play *play)
{
    in_order(play, 3, (const int[]){2, 0, 1}, 3);
    in_order(play, 4, (const int[]){3, 2, 1, 0}, 4);
    in_order(play, 2, (const int[]){1, 2, 0, 4, 3}, 5);
}

/* Half a second in which nothing happens; what does the program do meanwhile? */
static void idle(struct play *play)
{
    submit(play, 2, 2);
    begun(play, 0);
    begun(play, 1);
    collect(play);
    pause_for(0.1);
    double cpu = process_cpu(caller(play));
    long sleeps = process_sleeps(caller(play));
    pause_for(0.5);
    cpu = process_cpu(caller(play)) - cpu;
    sleeps = process_sleeps(caller(play)) - sleeps;
    if (cpu > 0.1 || sleeps > 20)
        fail(
            play, "busy_poll",
            "For half a second no future ended, and as_completed() %s meanwhile: asking "
            "again and again is not waiting. Which functions of future.h come back only when "
            "there is something to come back with?",
            cpu > 0.1 ? "kept a processor busy" : "woke up dozens of times");
    let_go(play, 1, 0);
    let_go(play, 0, 0);
    finish(play);
}

static void other_ends(struct play *play)
{
    submit(play, 2, 5);
    begun(play, 1);
    collect(play);
    let_go(play, 1, FAIL);
    let_go(play, 0, DIE);
    let_go(play, 3, 0);
    let_go(play, 2, DIE);
    let_go(play, 4, FAIL);
    finish(play);
}

/* Some have ended before as_completed() is called. */
static void before_and_after(struct play *play)
{
    submit(play, 4, 40);
    for (int i = 0; i < 20; i++)
        reply(play, begun(play, i), 0);
    settle(play);
    collect(play);
    for (int i = 0; i < 20; i++) {
        struct request *call = await(play, EACH | ANSWER, STUCK);
        if (call != NULL && call->message.kind == KIND_ANSWER)
            fail_returned(play, call->message.value[0]);
        if (call == NULL)
            fail(
                play, "early_lost",
                "20 futures had ended before as_completed() was called, and each() has been "
                "called for %d of them.",
                i);
        check_handed(play, call, -1);
        reply(play, call, 0);
    }
    for (int i = 20; i < 40; i++)
        let_go(play, i, 0);
    finish(play);
    submit(play, 1, 0);
    collect(play);
    finish(play);
}

/* idle() is first: who is never idle can't be waited for. */
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
