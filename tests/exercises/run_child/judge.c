/*
 * judge.c: exercise 1. Does work() run in a child, and does its exit status come back?
 */
#include "judge.h"

#include <signal.h>

#include "protocol.h"

#define WORK   (1u << KIND_WORK)
#define ANSWER (1u << KIND_ANSWER)

static _Noreturn void fail_unreaped(struct session *session)
{
    fail(
        session, "unreaped",
        "run_child() returned while its child was still at work. The parent does not wait for "
        "that child, which becomes a zombie when it ends. How does a parent learn how a child "
        "ended?");
}

/* work() has been called, in a child; hold it there. */
static struct request *await_work(struct session *session)
{
    struct request *request = await(session, WORK | ANSWER, STUCK);
    if (request == NULL)
        await_answer(session);
    if (request->message.kind == KIND_ANSWER) {
        if (await(session, WORK, SETTLED) != NULL)
            fail_unreaped(session);
        fail(session, "not_called",
             "run_child() returned %ld, and no process had called work().",
             request->message.value[0]);
    }
    if (request->pid == caller(session))
        fail(
            session, "in_parent",
            "work() was called by the process that called run_child(), not by a child of "
            "it. What does fork() return, and in which of the two processes?");
    return request;
}

static void own_child(struct session *session)
{
    cue(session, (struct message){.value = {CUE_PLAIN}});
    struct request *work = await_work(session);
    if (await(session, ANSWER, SETTLED) != NULL)
        fail_unreaped(session);
    reply(session, work, 0);
    struct request *next = await(session, WORK | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_WORK)
        fail(session, "called_twice",
             "work() was called twice; the exercise asks for one call.");
    long returned =
        next != NULL ? next->message.value[0] : await_answer(session).value[0];
    if (returned != 0)
        fail(session, "wrong_code", "work() returned 0, run_child() returned %ld.",
             returned);
    check_tidy(session);
}

static void check_code(struct session *session, long code)
{
    cue(session, (struct message){.value = {CUE_PLAIN}});
    reply(session, await_work(session), code);
    long returned = await_answer(session).value[0];
    if (code != 0 && returned == code * 256)
        fail(
            session, "raw_status",
            "work() returned %ld and run_child() %ld, which is %ld * 256: that is the status "
            "as waitpid() reports it. In which of its bits is the exit status, and which macro "
            "extracts it?",
            code, returned, code);
    if (returned != code)
        fail(session, "wrong_code", "work() returned %ld, run_child() returned %ld.",
             code, returned);
    check_tidy(session);
}

static void codes(struct session *session)
{
    check_code(session, random_number(2, 254));
    check_code(session, 0);
    check_code(session, 1);
    check_code(session, 255);
}

static void killed(struct session *session)
{
    const int signals[] = {SIGKILL, SIGTERM, SIGUSR2, SIGHUP, SIGALRM};
    int order[5];
    shuffle(order, 5);
    for (int k = 0; k < 3; k++) {
        const int i = order[k];
        cue(session, (struct message){.value = {CUE_PLAIN}});
        reply(session, await_work(session), KILLED + signals[i]);
        long returned = await_answer(session).value[0];
        if (returned != 128 + signals[i])
            fail(
                session, "death_by_signal",
                "The child was killed by signal %d and run_child() returned %ld, not %d: a "
                "child that is killed has no exit status. Which macros tell the two ends apart?",
                signals[i], returned, 128 + signals[i]);
        check_tidy(session);
    }
}

static void bystander(struct session *session)
{
    long code = random_number(2, 90);
    cue(session, (struct message){.value = {CUE_BYSTANDER}});
    struct request *other = await(session, 1u << KIND_BYSTANDER, STUCK);
    struct request *work = await_work(session);
    if (other == NULL)
        broken("the bystander is missing");
    reply(session, other, 0);
    bool early = await(session, ANSWER, SETTLED) != NULL;
    reply(session, work, code);
    if (early || await_answer(session).value[1] == 0)
        fail(
            session, "any_child",
            "The program had another child, which ended first, and run_child() waited for that "
            "one instead of its own. Which of the children does its wait name?");
    check_tidy(session);
}

static void interrupted(struct session *session)
{
    cue(session, (struct message){.value = {CUE_INTERRUPT}});
    struct request *work = await_work(session);
    for (int i = 0; i < 3; i++) {
        settle(session); /* it waits */
        kill(caller(session), SIGUSR1);
    }
    const struct request *early = await(session, ANSWER, SETTLED);
    if (early != NULL)
        fail(
            session, "eintr",
            "A signal arrived while the parent waited, and run_child() returned %ld although "
            "its child was still at work. What is in errno when waitpid() returns -1?",
            early->message.value[0]);
    const long code = random_number(2, 120);
    reply(session, work, code);
    long returned = await_answer(session).value[0];
    if (returned != code)
        fail(session, "wrong_code", "work() returned %ld, run_child() returned %ld.",
             code, returned);
    check_tidy(session);
}

static void no_fork(struct session *session)
{
    cue(session, (struct message){.value = {CUE_NO_FORK}});
    struct request *next = await(session, WORK | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_WORK)
        fail(session, "in_parent",
             "fork() failed, so there was no child, and work() was called all the same.");
    long returned =
        next != NULL ? next->message.value[0] : await_answer(session).value[0];
    if (returned != -1)
        fail(
            session, "fork_failed",
            "fork() failed, and run_child() returned %ld, not -1. What does fork() return "
            "when it fails?",
            returned);
}

static const struct scene scenes[] = {
    {"work() runs in a child, and the child is waited for", own_child, TO_PIPE},
    {"its exit status is returned", codes, TO_PIPE},
    {"a child that is killed is told apart", killed, TO_PIPE},
    {"other children are left alone", bystander, TO_PIPE},
    {"a signal does not end the wait", interrupted, TO_PIPE},
    {"a fork() that fails is reported", no_fork, CUE_NO_FORK},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_child()",
    .scenes = scenes,
};
