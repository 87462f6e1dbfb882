/*
 * judge.c: exercise 3. Are all children at work at once, do their parts make the whole, does
 * every sum reach the parent?
 */
#include "judge.h"

#include <stdio.h>

#include "protocol.h"

#define ADD_UP (1u << KIND_ADD_UP)
#define ANSWER (1u << KIND_ANSWER)
#define MOST   16

/* The list's numbers: first, and from one to the next. Their sums fit neither into 8 bits nor
 * into 32. */
static long base, step;

static long sum_of(long first, long count)
{
    return count * base + step * (count * first + count * (count - 1) / 2);
}

static void draw_list(long sign)
{
    base = sign * random_number(3000000000, 3900000000);
    step = sign * random_number(101, 999);
}

static void check_caller(struct session *session, const struct request *part)
{
    if (part->pid == caller(session))
        fail(
            session, "in_parent",
            "add_up() was called by the process that called split_sum(). Only its children "
            "may call it.");
}

/* A child of a child: a tree of processes is right, and a child that runs on in the loop is not.
 * What tells them apart is a part that another process has, too. */
static void check_runs_on(struct session *session, const struct request *part)
{
    if (part->parent != caller(session))
        fail(
            session, "falls_through",
            "Process %ld, a child of a child, called add_up() for numbers that another "
            "process has already. Do the children run on in the loop that forks them? Where "
            "does a child end?",
            (long)part->own_id);
}

/* Threads of one process are no children. */
static void check_different(struct session *session, struct request *parts[],
                            int children)
{
    for (int i = 0; i < children; i++)
        for (int k = 0; k < i; k++)
            if (parts[i]->pid == parts[k]->pid)
                fail(
                    session, "one_process",
                    "Process %ld called add_up() for two parts at a time. Each of the %d "
                    "children is a process of its own and calls it once.",
                    (long)parts[i]->own_id, children);
}

/* As many parts as there are children, all of them held. */
static void await_parts(struct session *session, struct request *parts[], int children)
{
    for (int i = 0; i < children; i++) {
        parts[i] = await(session, ADD_UP | ANSWER, STUCK);
        if (parts[i] == NULL)
            fail(session, "wait_in_loop",
                 "Only %d of %d children %s at work, and no process started another: the "
                 "parent waited for %s. When may it wait, and when not yet?",
                 i, children, i == 1 ? "was" : "were", i == 1 ? "that one" : "something");
        if (parts[i]->message.kind == KIND_ANSWER)
            fail(
                session, i == 0 ? "not_called" : "too_few",
                "split_sum() returned when %d of %d children had called add_up(), and none of "
                "these calls had returned.",
                i, children);
        check_caller(session, parts[i]);
    }
    check_different(session, parts, children);
}

static bool has(const struct request *part, long number)
{
    return number >= part->message.value[0] &&
           number - part->message.value[0] < part->message.value[1];
}

static void check_number(struct session *session, struct request *parts[], int children,
                         long count, long number)
{
    int takers = 0;
    for (int i = 0; i < children; i++) {
        if (has(parts[i], number) && takers++ > 0)
            check_runs_on(session, parts[i]);
    }
    if (takers == 0 && count % children == 0)
        fail(
            session, "gap",
            "Of %ld numbers for %d children, number %ld is in no part, although nothing remains "
            "when one is divided by the other. How many numbers does each part have, and "
            "where does the next begin?",
            count, children, number);
    if (takers == 0)
        fail(
            session, "lost_remainder",
            "Of %ld numbers for %d children, number %ld is in no part. What remains when %ld "
            "is divided by %d?",
            count, children, number, count, children);
    if (takers > 1)
        fail(
            session, "overlap",
            "Of %ld numbers for %d children, number %ld is in %d parts. Where does one part "
            "end, and where does the next begin?",
            count, children, number, takers);
}

static void check_parts(struct session *session, struct request *parts[], int children,
                        long count)
{
    for (int i = 0; i < children; i++) {
        long first = parts[i]->message.value[0], many = parts[i]->message.value[1];
        if (first < 0 || many < 0 || first > count || many > count - first)
            fail(
                session, "too_far",
                "There are numbers 0 to %ld, and a child called add_up() for %ld numbers from "
                "number %ld on.",
                count - 1, many, first);
    }
    for (long number = 0; number < count; number++)
        check_number(session, parts, children, count, number);
}

/* What the total would be if only the lowest byte of each sum arrived. */
static long sum_of_bytes(const long sums[], int children)
{
    long sum = 0;
    for (int i = 0; i < children; i++)
        sum += sums[i] & 0xff;
    return sum;
}

static struct message await_total(struct session *session)
{
    struct request *next = await(session, ADD_UP | ANSWER, STUCK);
    if (next != NULL && next->message.kind == KIND_ADD_UP) {
        check_caller(session, next);
        check_runs_on(session, next);
        fail(session, "called_twice",
             "add_up() was called once more when every child had called it.");
    }
    return next != NULL ? next->message : await_answer(session);
}

static void check_total(struct session *session, long total, long expected,
                        const long sums[], int children)
{
    if (total == expected)
        return;
    if (total == sum_of_bytes(sums, children))
        fail(
            session, "exit_code",
            "The total is %ld, not %ld: only the lowest 8 bits of each child's sum arrived. "
            "How much does an exit status hold, and what holds more?",
            total, expected);
    if (total == UNTOUCHED || total == 0)
        fail(
            session, "global",
            "The children have added up, and the total is %s: what they wrote to their memory "
            "stayed in their memory. What do parent and child still share after fork()?",
            total == 0 ? "0" : "what it was before");
    for (int i = 0; i < children; i++)
        if (total == sums[i])
            fail(
                session, "one_sum",
                "The total is %ld, the sum of one child, not %ld, the sum of all %d. What "
                "becomes of the other sums in the parent?",
                total, expected, children);
    if ((int)total == (int)expected)
        fail(
            session, "too_narrow",
            "The total is %ld, not %ld: only the lowest 32 bits are right. Of which type is "
            "each variable that a sum goes through?",
            total, expected);
    fail(session, "wrong_total", "The total is %ld, not %ld.", total, expected);
}

static void check_sum(struct session *session, long count, int children, long sign)
{
    struct request *parts[MOST];
    long sums[MOST];
    draw_list(sign);
    cue(session, (struct message){.value = {count, children}});
    await_parts(session, parts, children);
    check_parts(session, parts, children, count);
    for (int i = children - 1; i >= 0; i--) {
        sums[i] = sum_of(parts[i]->message.value[0], parts[i]->message.value[1]);
        reply(session, parts[i], sums[i]);
    }
    struct message answer = await_total(session);
    check_tidy(session);
    if (answer.value[0] != 0)
        fail(session, "wrong_code", "split_sum() returned %ld, not 0.", answer.value[0]);
    check_total(session, answer.value[1], sum_of(0, count), sums, children);
}

static void at_once(struct session *session)
{
    check_sum(session, 4 * random_number(2, 5), 4, 1);
    check_sum(session, 3, 3, 1);
}

static void uneven(struct session *session)
{
    check_sum(session, 4 * random_number(2, 5) + 2, 4, 1);
    check_sum(session, 11, 6, 1);
    check_sum(session, random_number(20000, 20800) * 5 + 3, 5, 1);
}

static void others(struct session *session)
{
    check_sum(session, random_number(5, 20), 1, 1);
    check_sum(session, random_number(8, 20), 2, -1);
    check_sum(session, random_number(40, 60), MOST, -1);
}

/* Let those that were started add up, unless split_sum() returns before. */
static struct message await_failure(struct session *session)
{
    struct request *parts[MOST], *next;
    int count = 0;
    while ((next = await(session, ADD_UP | ANSWER, SETTLED)) != NULL &&
           next->message.kind == KIND_ADD_UP && count < MOST) {
        check_caller(session, next);
        parts[count++] = next;
    }
    if (next != NULL)
        return next->message;
    for (int i = 0; i < count; i++)
        reply(session, parts[i],
              sum_of(parts[i]->message.value[0], parts[i]->message.value[1]));
    return await_answer(session);
}

/* It must not succeed, unless it does without what fails: then the total is right. */
static void failure(struct session *session)
{
    const struct failing *failing = failing_call();
    const long count = 12;
    draw_list(1);
    cue(session, (struct message){.value = {count, 4, failing->cue}});
    struct message answer = await_failure(session);
    check_tidy(session);
    if (answer.value[0] == -1 ||
        (answer.value[0] == 0 && answer.value[1] == sum_of(0, count)))
        return;
    fail(
        session, "failure_hidden",
        "%s failed, and split_sum() returned %ld, not -1: its caller takes the total for a "
        "sum. What does %s return when it fails?",
        failing->what, answer.value[0], failing->call);
}

static const struct scene scenes[] = {
    {"the children work at the same time, and the total is right", at_once, TO_PIPE},
    {"parts that can't be equal", uneven, TO_PIPE},
    {"one child, many children, negative sums", others, TO_PIPE},
    {"a fork() that fails is reported", failure, CUE_NO_FORK},
    {"so is the third, and the children before it are waited for", failure,
     CUE_TWO_FORKS},
    {"a pipe() that fails is reported", failure, CUE_NO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "split_sum()",
    .scenes = scenes,
};
