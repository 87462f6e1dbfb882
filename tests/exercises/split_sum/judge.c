/*
 * judge.c: exercise 3. Are all children at work at once, do their parts make the whole, does
 * every sum come home?
 */
#include "judge.h"

#include <stdio.h>

#include "protocol.h"

#define ADD_UP (1u << KIND_ADD_UP)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   16

/* The list: a sum that fits neither into 8 bits nor into 32. */
static long sum_of(long first, long count, long sign)
{
    long sum = 0;
    for (long i = first; i < first + count; i++)
        sum += sign * (3000000017 + i * 257);
    return sum;
}

static void check_caller(struct session *session, const struct request *part)
{
    if (part->pid == caller(session))
        fail(
            session, "in_parent",
            "add_up() was called by the process that called split_sum(); that is for its "
            "children to do.");
    if (part->parent != caller(session))
        fail(
            session, "falls_through",
            "A child of a child called add_up(): the children run on in the loop that forks "
            "them. Where does a child end?");
}

/* As many parts as there are children, all of them held. */
static void await_parts(struct session *session, struct request *parts[], int children)
{
    for (int i = 0; i < children; i++) {
        parts[i] = await(session, ADD_UP | ANSWER, STUCK);
        if (parts[i] == NULL)
            fail(
                session, "wait_in_loop",
                "Only %d of %d children %s at work, and nobody started another: the parent "
                "waited for %s. When may it wait, and when not yet?",
                i, children, i == 1 ? "was" : "were", i == 1 ? "that one" : "something");
        if (parts[i]->message.kind == KIND_ANSWER)
            fail(
                session, i == 0 ? "not_called" : "too_few",
                "split_sum() returned when add_up() had been called by %d of %d children, and "
                "none of these calls had returned.",
                i, children);
        check_caller(session, parts[i]);
    }
}

static void check_parts(struct session *session, struct request *parts[], int children,
                        long count)
{
    for (long number = 0; number < count; number++) {
        int takers = 0;
        for (int i = 0; i < children; i++)
            takers += number >= parts[i]->message.value[0] &&
                      number < parts[i]->message.value[0] + parts[i]->message.value[1];
        if (takers == 0)
            fail(
                session, "lost_remainder",
                "Of %ld numbers for %d children, number %ld is in nobody's part: what remains "
                "when %ld is divided by %d?",
                count, children, number, count, children);
        if (takers > 1)
            fail(
                session, "overlap",
                "Of %ld numbers for %d children, number %ld is in %d parts: where does one "
                "part end, and where does the next begin?",
                count, children, number, takers);
    }
    for (int i = 0; i < children; i++)
        if (parts[i]->message.value[0] < 0 || parts[i]->message.value[1] < 0 ||
            parts[i]->message.value[0] + parts[i]->message.value[1] > count)
            fail(
                session, "too_far",
                "There are numbers 0 to %ld, and a child was to add up %ld numbers from number "
                "%ld on.",
                count - 1, parts[i]->message.value[1], parts[i]->message.value[0]);
}

/* What the total would be if only the lowest byte of each sum came through. */
static long sum_of_bytes(struct request *parts[], int children, long sign)
{
    long sum = 0;
    for (int i = 0; i < children; i++)
        sum +=
            sum_of(parts[i]->message.value[0], parts[i]->message.value[1], sign) & 0xff;
    return sum;
}

static struct message await_total(struct session *session)
{
    struct request *next = await(session, ADD_UP | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_ADD_UP) {
        check_caller(session, next);
        fail(session, "called_twice",
             "A child called add_up() twice, or there are too many.");
    }
    return next != NULL ? next->message : await_answer(session);
}

static void check_sum(struct session *session, long count, int children, long sign)
{
    struct request *parts[MOST];
    cue(session, (struct message){.value = {count, children}});
    await_parts(session, parts, children);
    check_parts(session, parts, children, count);
    long expected = sum_of(0, count, sign);
    long bytes = sum_of_bytes(parts, children, sign);
    for (int i = children - 1; i >= 0; i--)
        reply(session, parts[i],
              sum_of(parts[i]->message.value[0], parts[i]->message.value[1], sign));
    struct message answer = await_total(session);
    check_tidy(session);
    if (answer.value[0] != 0)
        fail(session, "wrong_code", "split_sum() returned %ld, not 0.", answer.value[0]);
    if (answer.value[1] == bytes)
        fail(session, "exit_code",
             "The total is %ld, not %ld: of each child's sum only the lowest 8 bits came "
             "through. How much does an exit code hold, and what holds more?",
             answer.value[1], expected);
    if (answer.value[1] == UNTOUCHED || answer.value[1] == 0)
        fail(
            session, "global",
            "The children have added up, and the total is %s: what they wrote to their memory "
            "stayed in their memory. What do parent and child still share after fork()?",
            answer.value[1] == 0 ? "0" : "what it was before");
    if (answer.value[1] != expected)
        fail(session, "wrong_total", "The total is %ld, not %ld.", answer.value[1],
             expected);
}

static void at_once(struct session *session)
{
    check_sum(session, 12, 4, 1);
    check_sum(session, 3, 3, 1);
}

static void uneven(struct session *session)
{
    check_sum(session, 10, 4, 1);
    check_sum(session, 11, 6, 1);
    check_sum(session, 100003, 5, 1);
}

static void others(struct session *session)
{
    check_sum(session, 9, 1, 1);
    check_sum(session, 8, 2, -1);
    check_sum(session, 40, 16, -1);
}

static const struct scene scenes[] = {
    {"the children work at the same time, and the total is right", at_once, TO_PIPE},
    {"parts that can't be equal", uneven, TO_PIPE},
    {"one child, many children, negative sums", others, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "split_sum()",
    .scenes = scenes,
};
