/*
 * judge.c: exercise 4. Does every record arrive, whatever the pieces, and does the end come?
 */
#include "judge.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

#define PRODUCE  (1u << KIND_PRODUCE)
#define PIECE    (1u << KIND_PIECE)
#define PRODUCED (1u << KIND_PRODUCED)
#define ARRIVED  (1u << KIND_ARRIVED)
#define ANSWER   (1u << KIND_ANSWER)
#define MOST     8

static struct request *producers[MOST]; /* by child */
static pid_t pids[MOST];
static char pipes[MOST][64]; /* what each child writes to */
static int finished;

static uint64_t digests[ROOM]; /* of what is written, ascending */
static bool arrived[ROOM];
static long written, whole;

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

static const struct descriptor *find(const struct descriptor *list, size_t count,
                                     const char *target, bool writes)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].target, target) == 0 && list[i].writes == writes)
            return &list[i];
    return NULL;
}

/* A child that can't go on, and has the write end of a sibling's pipe open. */
static void check_siblings(struct session *session, int children)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    for (int i = 0; i < children; i++) {
        size_t count = descriptors(pids[i], list);
        for (int k = 0; k < children; k++) {
            const struct descriptor *end = find(list, count, pipes[k], true);
            if (k == i || end == NULL || process_lives(pids[k]))
                continue;
            fail(
                session, "sibling_write_end",
                "Child %d has ended, but the pipe it wrote to has not: child %d has "
                "descriptor %s of that pipe open, too, and waits until its own pipe is read. "
                "What does a child inherit, and which ends does it need?",
                k, i, describe_descriptor(end));
        }
    }
}

static void check_parent(struct session *session)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(caller(session), list);
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *end = find(list, count, list[i].target, true);
        if (list[i].reads && !list[i].writes && end != NULL &&
            strncmp(list[i].target, "pipe:", 5) == 0)
            fail(
                session, "write_end_open",
                "All children have ended, and collect() waits for more. It has descriptor %s "
                "open, and descriptor %s of the same pipe, too: a pipe has no end as long as "
                "a process could write to it.",
                describe_descriptor(&list[i]), describe_descriptor(end));
    }
}

/* Every process waits. Which one keeps which pipe from ending? */
static _Noreturn void fail_stuck(struct session *session, int children)
{
    check_siblings(session, children);
    if (finished < children)
        fail(
            session, "wait_before_read",
            "%d of %d children can't go on: what they write to is full (a pipe holds 64 KiB), "
            "and no process reads. What does the parent wait for before it reads?",
            children - finished, children);
    check_parent(session);
    (void)await_answer(session);
    fail(session, "hangs", "collect() does not return.");
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Let each child write so many records, under a key of its own. */
static void let_produce(struct session *session, const long counts[], int children)
{
    written = whole = 0;
    memset(arrived, 0, sizeof arrived);
    for (int child = 0; child < children; child++) {
        long key = random_number(1, 0x3fffffffffff);
        for (int i = 0; i < counts[child]; i++) {
            struct record record;
            record_fill(&record, child, i, key);
            digests[written++] = record_digest(&record);
        }
        producers[child]->message.value[1] = key;
        reply(session, producers[child], counts[child]);
    }
    qsort(digests, (size_t)written, sizeof *digests, by_value);
}

/* What the program has in records[]. */
static void note_arrived(struct session *session, const struct request *request)
{
    uint64_t some[DIGESTS];
    long count = number_in(session, request, 0, 0, DIGESTS);
    memcpy(some, request->message.text, sizeof some);
    for (long i = 0; i < count; i++) {
        const uint64_t *found =
            bsearch(&some[i], digests, (size_t)written, sizeof *digests, by_value);
        if (found != NULL && !arrived[found - digests]) {
            arrived[found - digests] = true;
            whole++;
        }
    }
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
    long counts[MOST];
    for (int i = 0; i < MOST; i++)
        counts[i] = random_number(1, 9);
    run(session, MOST, counts);
    run(session, 1, counts);
}

static const struct scene scenes[] = {
    {"every record arrives, and the end comes", every_record, TO_PIPE},
    {"records in pieces", pieces, TO_PIPE},
    {"more than a pipe holds", large, TO_PIPE},
    {"a signal is not the end", interrupted, TO_PIPE},
    {"one child, many children", many, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "collect()",
    .scenes = scenes,
};
