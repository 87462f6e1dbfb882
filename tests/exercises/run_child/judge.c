/*
 * judge.c: exercise 1. Does work() run in a child, and does its exit code come back?
 */
#include "judge.h"

#include <signal.h>

#include "script.h"

#define WORK   (1u << KIND_WORK)
#define ANSWER (1u << KIND_ANSWER)

static _Noreturn void fail_unreaped(struct play *play)
{
    fail(
        play, "unreaped",
        "run_child() returned while its child was still at work. Nobody waits for that child, "
        "and when it ends it stays as a zombie: how does a parent learn how a child ended?");
}

/* work() has been called, in a child; hold it there. */
static struct request *await_work(struct play *play)
{
    struct request *request = await(play, WORK | ANSWER, STUCK);
    if (request == NULL)
        await_answer(play);
    if (request->message.kind == KIND_ANSWER) {
        if (await(play, WORK, SETTLED) != NULL)
            fail_unreaped(play);
        fail(play, "not_called",
             "run_child() returned %ld, and no process had called work().",
             request->message.value[0]);
    }
    if (request->pid == caller(play))
        fail(
            play, "in_parent",
            "work() was called by the process that called run_child(), not by a child of "
            "it: what does fork() return, and in which of the two processes?");
    return request;
}

static void own_child(struct play *play)
{
    cue(play, (struct message){.value = {CUE_PLAIN}});
    struct request *work = await_work(play);
    if (await(play, ANSWER, SETTLED) != NULL)
        fail(
            play, "unreaped",
            "run_child() returned while its child was still at work. Nobody waits for that "
            "child, and when it ends it stays as a zombie: how does a parent learn how a "
            "child ended?");
    reply(play, work, 0);
    struct request *next = await(play, WORK | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_WORK)
        fail(play, "called_twice", "work() was called twice; once is asked for.");
    long returned = next != NULL ? next->message.value[0] : await_answer(play).value[0];
    if (returned != 0)
        fail(play, "wrong_code", "work() returned 0, run_child() returned %ld.",
             returned);
    check_tidy(play);
}

static void check_code(struct play *play, long code)
{
    cue(play, (struct message){.value = {CUE_PLAIN}});
    reply(play, await_work(play), code);
    long returned = await_answer(play).value[0];
    if (code != 0 && returned == code * 256)
        fail(
            play, "raw_status",
            "work() returned %ld and run_child() %ld, which is %ld * 256: that is the status "
            "as waitpid() reports it. In which of its bits is the exit code, and which macro "
            "takes it out?",
            code, returned, code);
    if (returned != code)
        fail(play, "wrong_code", "work() returned %ld, run_child() returned %ld.", code,
             returned);
    check_tidy(play);
}

static void codes(struct play *play)
{
    check_code(play, random_number(2, 254));
    check_code(play, 0);
    check_code(play, 1);
    check_code(play, 255);
}

static void killed(struct play *play)
{
    const int signals[] = {SIGKILL, SIGTERM, SIGUSR2};
    for (int i = 0; i < 3; i++) {
        cue(play, (struct message){.value = {CUE_PLAIN}});
        reply(play, await_work(play), KILLED + signals[i]);
        long returned = await_answer(play).value[0];
        if (returned != 128 + signals[i])
            fail(
                play, "death_by_signal",
                "The child was killed by signal %d and run_child() returned %ld, not %d: a "
                "child that is killed has no exit code. What tells the two ends apart?",
                signals[i], returned, 128 + signals[i]);
        check_tidy(play);
    }
}

static void bystander(struct play *play)
{
    long code = random_number(2, 90);
    cue(play, (struct message){.value = {CUE_BYSTANDER}});
    struct request *other = await(play, 1u << KIND_BYSTANDER, STUCK);
    struct request *work = await_work(play);
    if (other == NULL)
        broken("the bystander is missing");
    reply(play, other, 0);
    bool early = await(play, ANSWER, SETTLED) != NULL;
    reply(play, work, code);
    if (early || await_answer(play).value[1] == 0)
        fail(
            play, "any_child",
            "The program had another child, which ended first, and run_child() took that one "
            "for its own: which of all children does it wait for?");
    check_tidy(play);
}

static void interrupted(struct play *play)
{
    cue(play, (struct message){.value = {CUE_INTERRUPT}});
    struct request *work = await_work(play);
    for (int i = 0; i < 3; i++) {
        settle(play); /* it waits */
        kill(caller(play), SIGUSR1);
    }
    const struct request *early = await(play, ANSWER, SETTLED);
    if (early != NULL)
        fail(
            play, "eintr",
            "A signal came to the parent while it waited, and run_child() returned %ld though "
            "its child was still at work: what does errno say when waitpid() returns -1?",
            early->message.value[0]);
    reply(play, work, 7);
    long returned = await_answer(play).value[0];
    if (returned != 7)
        fail(play, "wrong_code", "work() returned 7, run_child() returned %ld.",
             returned);
    check_tidy(play);
}

static void no_fork(struct play *play)
{
    cue(play, (struct message){.value = {CUE_NO_FORK}});
    struct request *next = await(play, WORK | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_WORK)
        fail(play, "in_parent",
             "There could be no child, and work() was called all the same.");
    long returned = next != NULL ? next->message.value[0] : await_answer(play).value[0];
    if (returned != -1)
        fail(
            play, "fork_failed",
            "fork() failed, and run_child() returned %ld, not -1: what does fork() return "
            "when there can be no child?",
            returned);
}

static const struct scene scenes[] = {
    {"work() runs in a child, and the child is waited for", own_child, TO_PIPE},
    {"its exit code comes back", codes, TO_PIPE},
    {"a child that is killed is told apart", killed, TO_PIPE},
    {"other children are left alone", bystander, TO_PIPE},
    {"a signal does not end the wait", interrupted, TO_PIPE},
    {"a fork() that fails is reported", no_fork, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_child()",
    .scenes = scenes,
};
