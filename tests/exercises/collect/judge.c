/*
 * judge.c: exercise 4. Does every record arrive, whatever the pieces, and does the end come?
 */
#include "producers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PRODUCE  (1u << KIND_PRODUCE)
#define PIECE    (1u << KIND_PIECE)
#define PRODUCED (1u << KIND_PRODUCED)
#define ARRIVED  (1u << KIND_ARRIVED)
#define ANSWER   (1u << KIND_ANSWER)

struct request *producers[MOST_CHILDREN];
pid_t pids[MOST_CHILDREN];
char pipes[MOST_CHILDREN][64];
int finished;

static void note_pipe(int child, const struct request *producer)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(producer->pid, list);
    pids[child] = producer->pid;
    *pipes[child] = '\0';
    for (size_t k = 0; k < count; k++)
        if (list[k].number == producer->message.value[1] &&
            strncmp(list[k].target, "pipe:", 5) == 0)
            snprintf(pipes[child], sizeof pipes[child], "%s", list[k].target);
}

static void check_producer(struct session *session, const struct request *one,
                           int children)
{
    long child = one->message.value[0];
    if (one->pid == caller(session))
        fail(
            session, "in_parent",
            "produce() was called by the process that called collect(). Only its children "
            "may call it.");
    if (child < 0 || child >= children)
        fail(
            session, "wrong_number",
            "A child called produce(%ld, ...), and the %d children have the numbers 0 to "
            "%d. Which number does a child get?",
            child, children, children - 1);
    for (int i = 0; i < children; i++)
        if (producers[i] != NULL && pids[i] == one->pid)
            fail(
                session, "one_process",
                "Process %ld called produce() for two children. Each of the %d children is a "
                "process of its own and calls it once.",
                (long)one->own_id, children);
    if (producers[child] == NULL)
        return;
    if (one->parent != caller(session))
        fail(
            session, "falls_through",
            "Process %ld, a child of a child, called produce(%ld, ...), as another process "
            "did before. Do the children run on in the loop that forks them? Where does a "
            "child end?",
            (long)one->own_id, child);
    fail(session, "wrong_number",
         "Two processes called produce(%ld, ...). Each child has a number of its own.",
         child);
}

/* All children call produce(), and all are held. */
static void await_producers(struct session *session, int children)
{
    finished = 0;
    memset(producers, 0, sizeof producers);
    for (int i = 0; i < children; i++) {
        struct request *one = await(session, PRODUCE | ANSWER | ARRIVED, STUCK);
        if (one == NULL)
            fail(
                session, "one_at_a_time",
                "Only %d of %d children produced anything, and no process started another: "
                "the parent waited for something. When may it wait, and when not yet?",
                i, children);
        if (one->message.kind != KIND_PRODUCE)
            fail(session, i == 0 ? "not_called" : "too_few",
                 "collect() returned when %d of %d children had begun to produce.", i,
                 children);
        check_producer(session, one, children);
        producers[one->message.value[0]] = one;
        note_pipe((int)one->message.value[0], one);
    }
}

/* Two children that write to the same pipe? Only pieces of records show why not. */
static void check_pipes(struct session *session, int children)
{
    for (int i = 0; i < children; i++)
        for (int k = 0; k < i; k++)
            if (*pipes[i] != '\0' && strcmp(pipes[i], pipes[k]) == 0)
                fail(
                    session, "shared_pipe",
                    "Two children write to the same pipe. Their records come in pieces, and "
                    "a piece does not say which child wrote it. Which pipe does each child "
                    "get?");
}

/* Let them all produce, until collect() returns. */
static struct message play_on(struct session *session, const long counts[], int children)
{
    struct request *next;
    let_produce(session, counts, children);
    while ((next = await(session, PRODUCE | PIECE | PRODUCED | ARRIVED | ANSWER,
                         STUCK)) != NULL) {
        if (next->message.kind == KIND_ANSWER)
            return next->message;
        if (next->message.kind == KIND_PRODUCE) {
            check_producer(session, next, children);
            fail(session, "called_twice", "produce() was called more than %d times.",
                 children);
        }
        /* The parent must have read the first piece before the second comes. */
        if (next->message.kind == KIND_PIECE)
            settle(session);
        else if (next->message.kind == KIND_PRODUCED)
            finished++;
        else
            note_arrived(session, next);
        reply(session, next, 0);
    }
    fail_stuck(session, children);
}

static void check(struct session *session, struct message answer, bool pieces)
{
    check_tidy(session);
    if (answer.value[0] == written && whole == written)
        return;
    if (pieces)
        fail(
            session, "short_read",
            "The children had %ld records to write and wrote them in pieces. collect() "
            "returned %ld, and %ld of the records were in records[], whole. A read() may "
            "return half a record. How do you get the rest of it?",
            written, answer.value[0], whole);
    fail(session, "lost_records",
         "The children had %ld records to write. collect() returned %ld, and %ld of the "
         "records were in records[], whole.",
         written, answer.value[0], whole);
}

static void run(struct session *session, int children, const long counts[])
{
    cue(session, (struct message){.value = {CUE_PLAIN, children}});
    await_producers(session, children);
    check(session, play_on(session, counts, children), false);
}

static void every_record(struct session *session)
{
    run(session, 3, (const long[]){random_number(3, 9), 0, random_number(3, 9)});
}

static void pieces(struct session *session)
{
    const long counts[] = {2, 4};
    cue(session, (struct message){.value = {CUE_PIECES, 2}});
    await_producers(session, 2);
    check_pipes(session, 2);
    check(session, play_on(session, counts, 2), true);
}

/* 3000 records are 192 KB. */
static void large(struct session *session)
{
    run(session, 3,
        (const long[]){random_number(2600, 3000), 1, random_number(2000, 2600)});
}

static void interrupted(struct session *session)
{
    const long counts[] = {random_number(2, 5), random_number(2, 5)};
    cue(session, (struct message){.value = {CUE_INTERRUPT, 2}});
    await_producers(session, 2);
    for (int i = 0; i < 3; i++) {
        settle(session); /* it waits */
        kill(caller(session), SIGUSR1);
    }
    const struct request *early = await(session, ANSWER | ARRIVED, SETTLED);
    struct message answer = {.value = {0}};
    if (early == NULL)
        answer = play_on(session, counts, 2);
    if (early != NULL || whole != written)
        fail(
            session, "eintr",
            "A signal arrived while collect() waited for the first record, and %s. What is in "
            "errno when read() returns -1?",
            early != NULL ? "it returned" : "not all records arrived");
    check(session, answer, false);
}

static void many(struct session *session)
{
    long counts[MOST_CHILDREN];
    for (int i = 0; i < MOST_CHILDREN; i++)
        counts[i] = random_number(1, 9);
    run(session, MOST_CHILDREN, counts);
    run(session, 1, counts);
}

/* Those that were started produce, unless collect() returns before. */
static struct message await_failure(struct session *session, int children)
{
    const long counts[MOST_CHILDREN] = {3, 3, 3, 3};
    struct request *next;
    finished = 0;
    written = whole = 0;
    memset(producers, 0, sizeof producers);
    while ((next = await(session, PRODUCE | ARRIVED | ANSWER, SETTLED)) != NULL &&
           next->message.kind == KIND_PRODUCE) {
        check_producer(session, next, children);
        producers[next->message.value[0]] = next;
        note_pipe((int)next->message.value[0], next);
    }
    if (next == NULL) {
        let_produce(session, counts, children);
        next = await(session, PRODUCED | ARRIVED | ANSWER, STUCK);
    }
    while (next != NULL && next->message.kind != KIND_ANSWER) {
        if (next->message.kind == KIND_ARRIVED)
            note_arrived(session, next);
        reply(session, next, 0);
        next = await(session, PRODUCED | ARRIVED | ANSWER, STUCK);
    }
    return next != NULL ? next->message : await_answer(session);
}

/* -1, or all is there without what fails. */
static void failure(struct session *session)
{
    const struct failing *failing = failing_call();
    const int children = 4;
    cue(session, (struct message){.value = {failing->cue, children}});
    struct message answer = await_failure(session, children);
    check_tidy(session);
    if (answer.value[0] == -1 ||
        (answer.value[0] == 3 * children && whole == 3 * children))
        return;
    fail(
        session, "failure_hidden",
        "%s failed, and collect() returned %ld, not -1: its caller takes the records for all "
        "of them. What does %s return when it fails?",
        failing->what, answer.value[0], failing->call);
}

static const struct scene scenes[] = {
    {"every record arrives, and the end comes", every_record, TO_PIPE},
    {"records in pieces", pieces, TO_PIPE},
    {"more than a pipe holds", large, TO_PIPE},
    {"a signal is not the end", interrupted, TO_PIPE},
    {"one child, many children", many, TO_PIPE},
    {"a fork() that fails is reported", failure, CUE_NO_FORK},
    {"so is the third, and the children before it are waited for", failure,
     CUE_TWO_FORKS},
    {"a pipe() that fails is reported", failure, CUE_NO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "collect()",
    .scenes = scenes,
};
