/*
 * judge.c: exercise 11. What becomes of an input in the worker is what fetch() has to say.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "error_reply.h"
#include "protocol.h"

#define WORK   (1u << KIND_WORK)
#define ANSWER (1u << KIND_ANSWER)

static bool failed_before;
static pid_t worker;

static void start(struct session *session)
{
    failed_before = false;
    worker = 0;
    cue(session, (struct message){.value = {CUE_START}});
    await_answer(session);
}

static _Noreturn void fail_unserved(struct session *session)
{
    if (failed_before)
        fail(
            session, "worker_exits",
            "A task has failed, and its worker does not take another input. Which process is to "
            "do the next one?");
    fail(session, "not_served",
         "An input was written, and serve() did not call work() with it.");
}

/* An input is given to the worker, which is told what becomes of it. The answer of fetch(). */
static struct message ask(struct session *session, long outcome)
{
    long input = random_number(-1000, 1000);
    cue(session, (struct message){.value = {CUE_ASK, input}});
    struct request *call = await(session, WORK | ANSWER, STUCK);
    if (call == NULL || call->message.kind == KIND_ANSWER)
        fail_unserved(session);
    if (call->message.value[0] != input)
        fail(session, "wrong_input", "The input was %ld, and work() was called with %ld.",
             input, call->message.value[0]);
    if (worker != 0 && call->pid != worker)
        fail(session, "other_worker",
             "The next input was done by another process. The worker is the one that the "
             "caller has made.");
    worker = call->pid;
    reply(session, call, outcome);
    call = await(session, ANSWER, STUCK);
    if (call == NULL && outcome == outcome_of(-1))
        fail(
            session, "minus_one",
            "The task succeeded, its result is -1, and fetch() waits for more than was "
            "written. Is -1 taken for the mark of an error? Every number is a possible result.");
    if (call == NULL)
        fail(session, "hangs",
             outcome == DIE
                 ? "The worker has died, and fetch() waits for its answer. What does "
                   "read() return when no process can write any more?"
                 : "work() has returned, and fetch() waits. Was all written that it "
                   "reads?");
    return call->message;
}

static void expect_result(struct session *session, long result)
{
    struct message answer = ask(session, outcome_of(result));
    if (answer.value[0] == -1)
        fail(
            session, "minus_one",
            "The task succeeded, its result is %ld, and fetch() returned -1 for it. Every "
            "number is a possible result. How does an error differ from all of them?",
            result);
    if (answer.value[0] != 0 || answer.value[1] != result)
        fail(session, "wrong_result",
             "The result was %ld; fetch() returned %ld and gave %ld.", result,
             answer.value[0], answer.value[1]);
}

static void expect_error(struct session *session, long outcome)
{
    char message[MESSAGE_ROOM];
    struct message answer = ask(session, outcome);
    error_message(outcome, message);

    failed_before = true;
    if (answer.value[0] == 0)
        fail(
            session, "minus_one",
            "The task failed, and fetch() returned 0 with %ld as its result. How can the caller "
            "tell that from a result?",
            answer.value[1]);
    if (answer.value[0] == -2)
        fail(
            session, "worker_exits",
            "The task failed, and fetch() returned -2, as if its worker were gone. An error is "
            "an answer, too.");
    answer.text[MESSAGE_ROOM - 1] = '\0';
    if (strcmp(answer.text, message) == 0)
        return;
    if (answer.text[0] != '\0' && strncmp(answer.text, message, strlen(answer.text)) == 0)
        fail(session, "message_cut",
             "The message has %zu bytes, and the first %zu of them arrived.",
             strlen(message), strlen(answer.text));
    fail(
        session, "pointer_sent",
        "The message was \"%.20s\", and \"%.20s\" arrived. What went through the pipe: the "
        "text, or its address in the worker's memory?",
        message, answer.text);
}

static void finish(struct session *session)
{
    cue(session, (struct message){.value = {CUE_CLOSE}});
    struct message answer = await_answer(session);
    if (answer.value[0] != 0)
        fail(
            session, "wrong_end",
            "No more inputs come, and serve() did not return 0. What does read() return at the "
            "end?");
    check_tidy(session);
}

static long any_error(void)
{
    return error_of(random_number(8, 60), random_number(1, 1000000));
}

static void results(struct session *session)
{
    start(session);
    expect_result(session, random_number(2, 900));
    expect_result(session, 0);
    expect_result(session, random_number(1, 1000000));
    finish(session);
}

static void error_arrives(struct session *session)
{
    start(session);
    expect_error(session, any_error());
    expect_result(session, random_number(-900, 900));
    expect_result(session, -1);
    expect_error(session, any_error());
    expect_error(session, any_error());
    expect_result(session, -2);
    finish(session);
}

static void all_messages(struct session *session)
{
    start(session);
    expect_error(session, error_of(MESSAGE_ROOM - 1, random_number(1, 1000000)));
    expect_error(session, error_of(0, random_number(1, 1000000)));
    expect_error(session, any_error());
    expect_result(session, 1);
    finish(session);
}

static void death(struct session *session)
{
    start(session);
    expect_result(session, 3);
    struct message answer = ask(session, DIE);
    if (answer.value[0] != -2)
        fail(session, "death_as_error",
             "The worker died at its work, and fetch() returned %ld, not -2: no task has "
             "answered. How many bytes did read() return?",
             answer.value[0]);
    cue(session, (struct message){.value = {CUE_CLOSE}});
    await_answer(session);
    check_tidy(session);
}

static const struct scene scenes[] = {
    {"results arrive", results, TO_PIPE},
    {"errors arrive, and the worker goes on", error_arrives, TO_PIPE},
    {"long and empty messages", all_messages, TO_PIPE},
    {"the worker dies", death, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "fetch()",
    .scenes = scenes,
};
