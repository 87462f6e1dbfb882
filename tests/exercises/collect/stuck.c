/*
 * stuck.c: exercise 4. Every process waits: which one keeps which pipe from ending?
 */
#include "producers.h"

#include <string.h>

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

_Noreturn void fail_stuck(struct session *session, int children)
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
