/*
 * tidy.c: what the learner's function left behind: children, descriptors. See session.h.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"

static void check_children(struct session *session)
{
    static struct process members[PROCESS_ROOM];
    size_t count = session_children(session, members), zombies = 0;
    long one = count > 0 ? (long)process_own_id(members[0].pid) : 0;
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++)
        zombies += members[i].state == 'Z';
    if (zombies > 0)
        fail(
            session, "unreaped",
            "When %s returned, %zu child process%s had ended and the parent had not waited for "
            "%s: process %ld is a zombie. Each fork() needs a wait.",
            exercise.function, zombies, zombies == 1 ? "" : "es",
            zombies == 1 ? "it" : "them", one);
    if (count > 0)
        fail(
            session, "left_running",
            "When %s returned, process %ld, which it had started, was still running. What "
            "makes that process end, and where does the parent wait for it?",
            exercise.function, one);
}

static const struct descriptor *find(const struct descriptor *list, size_t count,
                                     int number)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].number == number)
            return &list[i];
    return NULL;
}

static void check_leaks(struct session *session, const struct descriptor *list,
                        size_t count)
{
    char text[512] = "";
    int leaked = 0;
    for (size_t i = 0; i < count; i++)
        if (find(session->descriptors, session->descriptor_count, list[i].number) ==
                NULL &&
            list[i].number != session->prompt->message.descriptor && leaked++ < 4)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                     *text != '\0' ? ", " : "", describe_descriptor(&list[i]));
    if (leaked > 0)
        fail(
            session, "descriptor_leak",
            "%s left %d descriptor%s open: %s%s. Each pipe() needs a close() for both of its "
            "ends.",
            exercise.function, leaked, plural(leaked), text,
            leaked > 4 ? " and more" : "");
}

static void check_descriptors(struct session *session)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(session->driver, list);
    check_leaks(session, list, count);
    for (size_t i = 0; i < session->descriptor_count; i++) {
        const struct descriptor *was = &session->descriptors[i];
        const struct descriptor *is = find(list, count, was->number);
        if (is == NULL || strcmp(is->target, was->target) != 0)
            fail(session, "descriptor_closed",
                 "%s closed descriptor %s, which is not its own.", exercise.function,
                 describe_descriptor(was));
    }
}

void check_tidy(struct session *session)
{
    check_children(session);
    check_descriptors(session);
}

/* The sandbox's first process adopts orphans, so there may be some even now. */
void session_finish(struct session *session)
{
    static struct process members[PROCESS_ROOM];
    if (!session->ended)
        session_end(session);
    if (!WIFEXITED(session->status) || WEXITSTATUS(session->status) != 0)
        fail(session, "bad_end", "%s returned, and then the program %s.",
             exercise.function, describe_status(session->status));
    size_t count = session_children(session, members);
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++)
        if (members[i].state != 'Z')
            fail(session, "survivor",
                 "The program has ended, and process %ld, which it started, lives on.",
                 (long)process_own_id(members[i].pid));
    while (session->requests != NULL)
        request_forget(session, session->requests);
    output_drain(session);
    output_close(session);
    close(session->listener);
    session_kill();
}
