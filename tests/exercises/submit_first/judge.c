/*
 * judge.c: exercise 10. Tasks are held, so that all that can be in flight are; do they get there?
 */
#include "judge.h"

#include <string.h>

#include "protocol.h"

#define TASK   (1u << KIND_TASK)
#define RESULT (1u << KIND_RESULT)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   64

static struct request *held[MOST];
static long found[MOST]; /* what each task has found */
static bool gone[MOST];  /* let go */
static int workers, tasks, begun, ended;

static void predict(struct session *session, int how_many, int of_how_many)
{
    cue(session, (struct message){.value = {CUE_PREDICT, how_many, of_how_many}});
    struct message answer = await_answer(session);
    long before = of_how_many > 0,
         after = how_many < of_how_many ? how_many : of_how_many;
    if (answer.value[0] != before)
        fail(
            session, "predicted_before",
            "With %d workers and %d tasks, in_flight_before() says %ld. Follow run_all(), as "
            "it was, with a finger: when is the second task submitted?",
            how_many, of_how_many, answer.value[0]);
    if (answer.value[1] != after)
        fail(
            session, "predicted_after",
            "With %d workers and %d tasks, in_flight_after() says %ld. How many tasks can so "
            "many workers run at a time, and are there as many?",
            how_many, of_how_many, answer.value[1]);
}

static void predictions(struct session *session)
{
    predict(session, 10, 10);
    predict(session, 4, 100);
    predict(session, 100, 4);
    predict(session, 1, 7);
    predict(session, (int)random_number(2, 50), (int)random_number(51, 99));
    predict(session, 3, 0);
}

static void start(struct session *session, int how_many, int of_how_many)
{
    workers = how_many;
    tasks = of_how_many;
    begun = ended = 0;
    memset(gone, 0, sizeof gone);
    memset(held, 0, sizeof held);
    cue(session, (struct message){.value = {CUE_RUN, workers, tasks}});
}

/* A task begins and is held. NULL: none does any more. */
static struct request *await_task(struct session *session, double quiet)
{
    struct request *next = await(session, TASK | RESULT | ANSWER, quiet);
    if (next == NULL)
        return NULL;
    if (next->message.kind != KIND_TASK)
        fail(
            session, "returns_early",
            "run_all() returned when %d of %d tasks had ended: the caller takes the others' "
            "results for complete.",
            ended, tasks);
    long number = next->message.value[0];
    if (number < 0 || number >= tasks || held[number] != NULL)
        fail(session, "twice", "Task %ld was submitted twice, or is none of the inputs.",
             number);
    held[number] = next;
    begun++;
    return next;
}

static void let_go(struct session *session, long number, bool good)
{
    found[number] = good ? random_number(1, 1000000) : FAIL;
    gone[number] = true;
    ended++;
    reply(session, held[number], found[number]);
}

static void check_result(struct session *session, const struct request *result)
{
    long number = result->message.value[0], value = result->message.value[1];
    if (found[number] != FAIL && value != found[number]) {
        for (int i = 0; i < tasks; i++)
            if (i != number && value == found[i])
                fail(
                    session, "completion_order",
                    "results[%ld] is what task %d has found: tasks end in any order, but each "
                    "result has its place.",
                    number, i);
        fail(
            session, "results_dropped",
            "Task %ld has found %ld, and results[%ld] is %ld: who fetches the result of each "
            "future?",
            number, found[number], number, value);
    }
}

static void finish(struct session *session, long expected)
{
    struct request *next;
    while ((next = await(session, TASK | RESULT | ANSWER, STUCK)) != NULL &&
           next->message.kind == KIND_RESULT) {
        check_result(session, next);
        reply(session, next, 0);
    }
    if (next == NULL)
        fail(session, "hangs", "All tasks have ended, and run_all() still waits.");
    if (next->message.kind == KIND_TASK)
        fail(session, "twice", "Another task begins when all have ended.");
    if (next->message.value[0] != expected)
        fail(session, expected == 0 ? "wrong_code" : "failure_hidden",
             "%s, and run_all() returned %ld, not %ld.",
             expected == 0 ? "All tasks succeeded" : "One of the tasks failed",
             next->message.value[0], expected);
    cue(session, (struct message){.value = {CUE_CLOSE}});
    await_answer(session);
    check_tidy(session);
}

/* Until as many are held as can be. */
static void fill(struct session *session)
{
    int most = workers < tasks ? workers : tasks;
    while (begun < most)
        if (await_task(session, STUCK) == NULL)
            fail(
                session, "one_at_a_time",
                "%d of %d tasks %s in flight, and the program waits, though there are %d "
                "workers: for what, and was everything submitted by then?",
                begun, tasks, begun == 1 ? "is" : "are", workers);
}

/* The last that began is let go first. */
static void run_backwards(struct session *session)
{
    fill(session);
    while (ended < tasks) {
        int last = MOST - 1;
        while (held[last] == NULL || gone[last])
            last--;
        let_go(session, last, true);
        if (begun < tasks && await_task(session, STUCK) == NULL)
            fail(
                session, "in_rounds",
                "A worker is free and %d tasks have not begun: the program waits for others "
                "before it submits them.",
                tasks - begun);
    }
}

static void all_in_flight(struct session *session)
{
    start(session, 4, 12);
    run_backwards(session);
    finish(session, 0);
}

static void one_fails(struct session *session)
{
    start(session, 3, 7);
    fill(session);
    let_go(session, 0, false);
    await_task(session, STUCK);
    settle(session);
    if (await(session, RESULT | ANSWER, SETTLED) != NULL)
        fail(
            session, "returns_early",
            "A task failed, and run_all() returned while others were running: they write "
            "their results when the caller has long gone on.");
    run_backwards(session);
    finish(session, -1);
}

static void few_and_none(struct session *session)
{
    start(session, 5, 2);
    run_backwards(session);
    finish(session, 0);
    start(session, 2, 0);
    finish(session, 0);
}

static const struct scene scenes[] = {
    {"the predictions", predictions, TO_PIPE},
    {"as many in flight as there are workers", all_in_flight, TO_PIPE},
    {"a task fails", one_fails, TO_PIPE},
    {"more workers than tasks, no tasks", few_and_none, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_all()",
    .scenes = scenes,
};
