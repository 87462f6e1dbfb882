/*
 * judge.c: exercise 9. Does it come to an end, in order, and with every worker at work?
 */
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "protocol.h"

#define BEGIN  (1u << KIND_BEGIN)
#define RESULT (1u << KIND_RESULT)
#define ANSWER (1u << KIND_ANSWER)

static int workers, items, begun;
static long keys[MOST_ITEMS];
static struct request *held[MOST_ITEMS]; /* by worker */
static char inputs[MOST_ITEMS][64],
    outputs[MOST_ITEMS][64]; /* the pipes of each worker */

static void start(struct session *session, int how_many, int how_much)
{
    workers = how_many;
    items = how_much;
    begun = 0;
    memset(held, 0, sizeof held);
    for (int i = 0; i < items; i++)
        keys[i] = -1;
    cue(session, (struct message){.value = {workers, items}});
}

/* A worker has exactly two pipes. */
static void note_pipes(const struct request *begin)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(begin->pid, list);
    long worker = begin->message.value[0];
    for (size_t i = 0; i < count; i++)
        if (list[i].number > 2 && strncmp(list[i].target, "pipe:", 5) == 0)
            snprintf(list[i].writes ? outputs[worker] : inputs[worker], sizeof *inputs,
                     "%s", list[i].target);
}

/* How many bytes are in a pipe that the caller has open. */
static int filled(struct session *session, const char *pipe)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(caller(session), list);
    int bytes = 0;
    for (size_t i = 0; i < count; i++) {
        char path[64];
        if (strcmp(list[i].target, pipe) != 0)
            continue;
        snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)caller(session),
                 list[i].number);
        int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (file >= 0 && ioctl(file, FIONREAD, &bytes) != 0)
            bytes = 0;
        if (file >= 0)
            close(file);
        break;
    }
    return bytes;
}

/* A worker begins an item and is held. NULL: none does any more. */
static struct request *await_begin(struct session *session, double quiet)
{
    struct request *next = await(session, BEGIN | RESULT | ANSWER, quiet);
    if (next == NULL)
        return NULL;
    if (next->message.kind != KIND_BEGIN)
        fail(session, "returns_early",
             "ordered_map() returned when %d of %d items had been begun.", begun, items);
    long worker = number_in(session, next, 0, 0, workers - 1);
    long item = next->message.value[1];
    if (held[worker] != NULL)
        fail(session, "impossible", "Worker %ld has begun two items at a time.", worker);
    if (item < 0 || item >= items)
        fail(
            session, "broken_item",
            "Worker %ld has read something that is not one of the items. write() may take "
            "less than it was given.",
            worker);
    if (keys[item] >= 0)
        fail(session, "twice", "Item %ld was given to two workers.", item);
    begun++;
    keys[item] = random_number(1, 255);
    held[worker] = next;
    note_pipes(next);
    return next;
}

static void let_go(struct session *session, long worker)
{
    reply(session, held[worker], keys[held[worker]->message.value[1]]);
    held[worker] = NULL;
}

/* Every process waits, and no worker is held. */
static _Noreturn void fail_stuck(struct session *session)
{
    for (int i = 0; i < workers; i++)
        if (filled(session, inputs[i]) > 0 && filled(session, outputs[i]) > 0)
            fail(
                session, "both_full",
                "Worker %d can't write all of its result: the pipe from it is full, and the "
                "parent does not read. The parent can't write all of the next item: the pipe "
                "to worker %d is full, and the worker does not read. Which of the two could "
                "have been avoided?",
                i, i);
    fail(session, "hangs",
         "ordered_map() waits, and so do the workers. %d of %d items have been begun.",
         begun, items);
}

/* Workers are held, and meanwhile there are items in their pipes. */
static void check_in_flight(struct session *session)
{
    settle(session);
    for (int i = 0; i < workers; i++)
        if (held[i] != NULL && filled(session, inputs[i]) > 0)
            fail(
                session, "too_many_in_flight",
                "Worker %d is at work on item %ld, and another item has been sent to it "
                "already. That item waits there, even if another worker has nothing to do.",
                i, held[i]->message.value[1]);
}

static void check_result(struct session *session, const struct request *result)
{
    from_caller(session, result);
    long place = number_in(session, result, 0, 0, items - 1);
    long item = number_in(session, result, 1, -1, MOST_ITEMS - 1);
    if (item < 0)
        fail(
            session, "short_read",
            "results[%ld] is not what any worker has written: it is put together from pieces. "
            "How much can one read() return when a pipe holds 64 KiB?",
            place);
    if (item != place)
        fail(
            session, "unordered",
            "results[%ld] is the result of inputs[%ld]. A result does not say which item it "
            "belongs to. Where is it kept which item each worker has?",
            place, item);
    if (result->message.value[2] != keys[item] % 256)
        fail(session, "wrong_result", "results[%ld] is not what the worker has written.",
             place);
}

static void finish(struct session *session)
{
    struct request *next;
    int results = 0;
    while ((next = await(session, BEGIN | RESULT | ANSWER, STUCK)) != NULL &&
           next->message.kind != KIND_ANSWER) {
        if (next->message.kind == KIND_BEGIN)
            fail(session, "twice", "A worker was given an item when all had been begun.");
        check_result(session, next);
        reply(session, next, 0);
        results++;
    }
    if (next == NULL)
        fail_stuck(session);
    if (next->message.value[0] != 0)
        fail(session, "wrong_code", "ordered_map() returned %ld, not 0.",
             next->message.value[0]);
    if (results != items)
        fail(session, "impossible", "The harness reported %d results of %d items.",
             results, items);
    check_tidy(session);
}

/* No worker is held: does it come to an end? */
static void run_free(struct session *session, int how_many, int how_much)
{
    start(session, how_many, how_much);
    while (begun < items) {
        struct request *begin = await_begin(session, STUCK);
        if (begin == NULL)
            fail_stuck(session);
        let_go(session, begin->message.value[0]);
    }
    finish(session);
}

/* Nothing more to send: that shows a piece of a result being taken for all of it. */
static void one_each(struct session *session)
{
    run_free(session, 2, 2);
}

static void ends(struct session *session)
{
    run_free(session, 2, (int)random_number(7, 10));
}

/* All begin, and are let go in the reverse order. */
static void all_at_work(struct session *session)
{
    start(session, 3, (int)random_number(5, 9));
    for (int i = 0; i < workers; i++)
        if (await_begin(session, STUCK) == NULL)
            fail(
                session, "one_at_a_time",
                "%d of %d workers %s at work, and the parent waits, although there are %d items. "
                "When may it wait for a result, and when not yet?",
                i, workers, i == 1 ? "is" : "are", items);
    check_in_flight(session);
    for (int worker = workers - 1; worker >= 0; worker--) {
        let_go(session, worker);
        settle(session);
    }
    while (begun < items || held[0] != NULL || held[1] != NULL || held[2] != NULL) {
        struct request *begin = begun < items ? await_begin(session, SETTLED) : NULL;
        if (begin == NULL)
            for (int i = 0; i < workers && begin == NULL; i++)
                begin = held[i];
        if (begin == NULL)
            fail_stuck(session);
        let_go(session, begin->message.value[0]);
    }
    finish(session);
}

/* One item takes long. All others must be done meanwhile. */
static void none_idle(struct session *session)
{
    start(session, 3, (int)random_number(8, 14));
    struct request *longest = await_begin(session, STUCK);
    if (longest == NULL)
        fail_stuck(session);
    long worker = longest->message.value[0];
    while (begun < items) {
        struct request *begin = await_begin(session, STUCK);
        if (begin == NULL)
            fail(
                session, "round_robin",
                "Worker %ld took long for one item. Meanwhile the others had nothing to do, and %d "
                "items waited. For which worker's result did the parent wait?",
                worker, items - begun);
        let_go(session, begin->message.value[0]);
    }
    check_in_flight(session);
    let_go(session, worker);
    finish(session);
}

static void others(struct session *session)
{
    run_free(session, 1, 3);
    run_free(session, 8, 3);
    run_free(session, 2, 0);
    run_free(session, 4, 16);
}

/* No item waits, so nothing is written to the worker that is gone. */
static void worker_ends(struct session *session)
{
    start(session, 2, 2);
    for (int i = 0; i < 2; i++)
        if (await_begin(session, STUCK) == NULL)
            fail_stuck(session);
    long dies = random_number(0, 1);
    let_go(session, 1 - dies);
    settle(session);
    reply(session, held[dies], KEY_DIE);
    struct request *next = await(session, RESULT | ANSWER, STUCK);
    if (next == NULL)
        fail(
            session, "hangs",
            "Worker %ld ended while it had an item, and ordered_map() waits for the result. "
            "What do poll() and read() say of a pipe without a writer?",
            dies);
    if (next->message.kind == KIND_RESULT || next->message.value[0] != -1)
        fail(
            session, "failure_hidden",
            "Worker %ld ended while it had an item, and ordered_map() did not return -1. "
            "How many bytes does read() return at the end of a pipe?",
            dies);
}

static const struct scene scenes[] = {
    {"an item for each worker", one_each, TO_PIPE},
    {"it comes to an end, and the results are right", ends, TO_PIPE},
    {"all workers at once, results in order", all_at_work, TO_PIPE},
    {"no worker is idle while an item waits", none_idle, TO_PIPE},
    {"one worker, more workers than items, no items", others, TO_PIPE},
    {"a worker ends while it has an item", worker_ends, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "ordered_map()",
    .scenes = scenes,
};
