/*
 * judge.c: exercise 4. Does every record arrive, whatever the pieces, and does the end come?
 */
#include "judge.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

#define PRODUCE  (1u << KIND_PRODUCE)
#define PIECE    (1u << KIND_PIECE)
#define PRODUCED (1u << KIND_PRODUCED)
#define ANSWER   (1u << KIND_ANSWER)
#define MOST     8

static struct request *producers[MOST];
static pid_t pids[MOST];
static char pipes[MOST][64]; /* what each child writes to */
static int finished;

static void note_pipe(int number, const struct request *producer)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(producer->pid, list);
    pids[number] = producer->pid;
    *pipes[number] = '\0';
    for (size_t k = 0; k < count; k++)
        if (list[k].number == producer->message.value[1])
            snprintf(pipes[number], sizeof pipes[number], "%s", list[k].target);
}

/* All children call produce(), and all are held. */
static void await_producers(struct session *session, int children)
{
    finished = 0;
    for (int i = 0; i < children; i++) {
        struct request *one = await(session, PRODUCE | ANSWER, STUCK);
        if (one == NULL)
            fail(
                session, "one_at_a_time",
                "Only %d of %d children produced anything, and nobody started another: the "
                "parent waited for something. When may it wait, and when not yet?",
                i, children);
        if (one->message.kind == KIND_ANSWER)
            fail(session, i == 0 ? "not_called" : "too_few",
                 "collect() returned %ld when %d of %d children had begun to produce.",
                 one->message.value[0], i, children);
        if (one->pid == caller(session))
            fail(
                session, "in_parent",
                "produce() was called by the process that called collect(); that is for its "
                "children to do.");
        if (one->parent != caller(session))
            fail(
                session, "falls_through",
                "A child of a child called produce(): the children run on in the loop that "
                "forks them. Where does a child end?");
        producers[i] = one;
        note_pipe(i, one);
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
                    "a piece does not say whose it is: who gets which pipe?");
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
                "Process %ld has ended, but the pipe it wrote to has not: its sibling %ld has "
                "descriptor %s of that pipe open, too, and waits until its own pipe is read. "
                "What does a child inherit, and which ends does it need?",
                (long)pids[k], (long)pids[i], describe_descriptor(end));
        }
    }
}

/* Everybody sleeps. Who keeps which pipe from ending? */
static _Noreturn void fail_stuck(struct session *session, int children)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(caller(session), list);
    check_siblings(session, children);
    if (finished < children)
        fail(
            session, "wait_before_read",
            "%d of %d children can't go on: their pipes are full (64 KiB), and nobody reads. "
            "What does the parent wait for, before it reads?",
            children - finished, children);
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *end = find(list, count, list[i].target, true);
        if (list[i].reads && !list[i].writes && end != NULL &&
            strncmp(list[i].target, "pipe:", 5) == 0)
            fail(
                session, "write_end_open",
                "All children have ended, and collect() waits for more. It has descriptor %s "
                "open to read, and descriptor %s of the same pipe, too: as long as somebody "
                "could write, there is no end.",
                describe_descriptor(&list[i]), describe_descriptor(end));
    }
    (void)await_answer(session);
    fail(session, "hangs", "collect() does not return.");
}

/* Let them all produce, until collect() returns. */
static struct message play_on(struct session *session, const long counts[], int children)
{
    struct request *next;
    for (int i = 0; i < children; i++)
        reply(session, producers[i], counts[producers[i]->message.value[0]]);
    while ((next = await(session, PRODUCE | PIECE | PRODUCED | ANSWER, STUCK)) != NULL) {
        if (next->message.kind == KIND_ANSWER)
            return next->message;
        if (next->message.kind == KIND_PRODUCE)
            fail(session, "called_twice", "produce() was called more than %d times.",
                 children);
        /* The parent shall have read the first piece before the second comes. */
        if (next->message.kind == KIND_PIECE)
            settle(session);
        else
            finished++;
        reply(session, next, 0);
    }
    fail_stuck(session, children);
}

static void check(struct session *session, struct message answer, long expected,
                  bool pieces)
{
    check_tidy(session);
    if (answer.value[0] == expected && answer.value[1] == expected)
        return;
    if (pieces)
        fail(
            session, "short_read",
            "%ld records were written, in pieces, and %ld arrived whole (collect() returned "
            "%ld): a read() may return half a record. How do you get the rest of it?",
            expected, answer.value[1], answer.value[0]);
    fail(session, "lost_records",
         "%ld records were written, %ld arrived whole, collect() "
         "returned %ld.",
         expected, answer.value[1], answer.value[0]);
}

static void every_record(struct session *session)
{
    const long counts[] = {5, 0, 7};
    cue(session, (struct message){.value = {CUE_PLAIN, 3}});
    await_producers(session, 3);
    check(session, play_on(session, counts, 3), 12, false);
}

static void pieces(struct session *session)
{
    const long counts[] = {2, 4};
    cue(session, (struct message){.value = {CUE_PIECES, 2}});
    await_producers(session, 2);
    check_pipes(session, 2);
    check(session, play_on(session, counts, 2), 6, true);
}

/* 3000 records are 192 KB. */
static void large(struct session *session)
{
    const long counts[] = {3000, 1, 2500};
    cue(session, (struct message){.value = {CUE_PLAIN, 3}});
    await_producers(session, 3);
    check(session, play_on(session, counts, 3), 5501, false);
}

static void interrupted(struct session *session)
{
    const long counts[] = {3, 3};
    cue(session, (struct message){.value = {CUE_INTERRUPT, 2}});
    await_producers(session, 2);
    for (int i = 0; i < 3; i++) {
        settle(session); /* it waits */
        kill(caller(session), SIGUSR1);
    }
    struct request *early = await(session, ANSWER, SETTLED);
    struct message answer = early != NULL ? early->message : play_on(session, counts, 2);
    if (early != NULL || answer.value[1] != 6)
        fail(
            session, "eintr",
            "A signal came while collect() waited for the first of 6 records, and it returned "
            "%ld: what does errno say when read() returns -1?",
            answer.value[0]);
    check(session, answer, 6, false);
}

static void many(struct session *session)
{
    const long counts[] = {1, 2, 3, 4, 5, 6, 7, 8};
    cue(session, (struct message){.value = {CUE_PLAIN, 8}});
    await_producers(session, 8);
    check(session, play_on(session, counts, 8), 36, false);
    cue(session, (struct message){.value = {CUE_PLAIN, 1}});
    await_producers(session, 1);
    check(session, play_on(session, counts, 1), 1, false);
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
