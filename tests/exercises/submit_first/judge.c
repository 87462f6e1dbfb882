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

static struct request *held[MOST]; /* by task; NULL: not begun, or let go */
static long found[MOST];           /* what each task has found */
static bool seen[MOST];
static int workers, tasks, begun, ended;

static void predict(struct session *session, int how_many, int of_how_many)
{
    cue(session, (struct message){.value = {CUE_PREDICT, how_many, of_how_many}});
    struct message answer = await_answer(session);
    long before = of_how_many > 0,
         after = how_many < of_how_many ? how_many : of_how_many;
    if (of_how_many == 0 && (answer.value[0] != 0 || answer.value[1] != 0))
        fail(
            session, "predicted_none",
            "With %d workers and no tasks, %s() says %ld. How many tasks run when there are "
            "none?",
            how_many, answer.value[0] != 0 ? "running_before" : "running_after",
            answer.value[0] != 0 ? answer.value[0] : answer.value[1]);
    if (answer.value[0] != before)
        fail(
            session, "predicted_before",
            "With %d workers and %d task%s, running_before() says %ld. Follow run_all(), as "
            "you found it, line by line: when is the second task submitted?",
            how_many, of_how_many, plural(of_how_many), answer.value[0]);
    if (answer.value[1] != after)
        fail(
            session, "predicted_after",
            "With %d worker%s and %d task%s, running_after() says %ld. How many tasks can "
            "these workers run at a time, and are there as many?",
            how_many, plural(how_many), of_how_many, plural(of_how_many),
            answer.value[1]);
}

static void predictions(struct session *session)
{
    predict(session, 10, 10);
    predict(session, (int)random_number(2, 9), (int)random_number(60, 200));
    predict(session, (int)random_number(60, 200), (int)random_number(2, 9));
    predict(session, 1, 7);
    predict(session, (int)random_number(2, 50), (int)random_number(51, 99));
    predict(session, 3, 0);
}

static void start(struct session *session, int how_many, int of_how_many)
{
    workers = how_many;
    tasks = of_how_many;
    begun = ended = 0;
    memset(seen, 0, sizeof seen);
    memset(held, 0, sizeof held);
    cue(session, (struct message){.value = {CUE_RUN, workers, tasks}});
}

static void check_pool(struct session *session, const struct request *next)
{
    if (next->message.value[5] > 0)
        fail(
            session, "own_pool",
            "run_all() called pool_open(). The tasks run in the pool that run_all() was given, "
            "which has the workers that its caller wants.");
}

/* The pool's workers are its foreman's children. */
static void check_worker(struct session *session, const struct request *task)
{
    const bool own = task->pid == caller(session);
    if (own || task->parent == caller(session))
        fail(
            session, "own_process",
            "Task %ld was run by %s, and not by a worker of the pool that run_all() was given.",
            task->message.value[0],
            own ? "the process that called run_all()" : "a child of run_all()'s own");
}

/* A task begins and is held. NULL: none does any more. */
static struct request *await_task(struct session *session, double quiet)
{
    struct request *next = await(session, TASK | RESULT | ANSWER, quiet);
    if (next == NULL)
        return NULL;
    check_pool(session, next);
    if (next->message.kind != KIND_TASK)
        fail(
            session, "returns_early",
            "run_all() returned when %d of %d tasks had ended. Its caller takes the results of "
            "the others for complete.",
            ended, tasks);
    check_worker(session, next);
    long number = next->message.value[0];
    if (number < 0 || number >= tasks || seen[number])
        fail(session, "twice", "Task %ld was submitted twice, or is none of the inputs.",
             number);
    seen[number] = true;
    held[number] = next;
    begun++;
    return next;
}

static void let_go(struct session *session, long number, bool good)
{
    struct request *task = held[number];
    found[number] = good ? random_number(1, 1000000) * MOST + number : FAIL;
    held[number] = NULL;
    ended++;
    reply(session, task, found[number]);
}

/* One of those that are held: whichever order the program has submitted them in. */
static long any_held(struct session *session)
{
    int order[MOST];
    shuffle(order, tasks);
    for (int i = 0; i < tasks; i++)
        if (held[order[i]] != NULL)
            return order[i];
    fail(session, "hangs", "%d of %d tasks have begun, and every process waits.", begun,
         tasks);
}

static void check_result(struct session *session, const struct request *result)
{
    long number = number_in(session, result, 0, 0, tasks - 1);
    long value = result->message.value[1];
    if (found[number] == FAIL || value == found[number])
        return;
    for (int i = 0; i < tasks; i++)
        if (i != number && value == found[i])
            fail(
                session, "completion_order",
                "results[%ld] is what task %d found. Tasks end in any order, but each result "
                "has its place.",
                number, i);
    fail(
        session, "results_dropped",
        "Task %ld found %ld, and results[%ld] is %ld. Where is the result of each future "
        "fetched?",
        number, found[number], number, value);
}

static void finish(struct session *session, long expected)
{
    struct request *next;
    while ((next = await(session, TASK | RESULT | ANSWER, STUCK)) != NULL &&
           next->message.kind == KIND_RESULT) {
        from_caller(session, next);
        check_pool(session, next);
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
                "%d of %d tasks %s in flight, and the program waits, although there are %d "
                "workers. What does it wait for, and was everything submitted by then?",
                begun, tasks, begun == 1 ? "is" : "are", workers);
}

static _Noreturn void fail_returned(struct session *session)
{
    fail(
        session, "returns_early",
        "A task failed, and run_all() returned while others were running. They write their "
        "results when its caller has gone on.");
}

/* `failed`: a task has failed, and run_all() must not return for that. */
static void run_the_rest(struct session *session, bool failed)
{
    fill(session);
    while (ended < tasks) {
        if (failed && await(session, RESULT | ANSWER, SETTLED) != NULL)
            fail_returned(session);
        let_go(session, any_held(session), true);
        if (begun < tasks && await_task(session, STUCK) == NULL)
            fail(session, "in_rounds",
                 "A worker is free and %d task%s not begun: the program waits for others "
                 "before it submits %s.",
                 tasks - begun, tasks - begun == 1 ? " has" : "s have",
                 tasks - begun == 1 ? "it" : "them");
    }
}

static void all_in_flight(struct session *session)
{
    start(session, 4, (int)random_number(11, 16));
    run_the_rest(session, false);
    finish(session, 0);
}

static void one_fails(struct session *session)
{
    start(session, 3, (int)random_number(7, 11));
    fill(session);
    long first = 0;
    while (held[first] == NULL)
        first++;
    let_go(session, first, false);
    await_task(session, STUCK);
    settle(session);
    run_the_rest(session, true);
    finish(session, -1);
}

static void few_and_none(struct session *session)
{
    start(session, 5, 2);
    run_the_rest(session, false);
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
