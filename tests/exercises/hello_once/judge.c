/*
 * judge.c: exercise 2. One hello, wherever it goes? The parent has to wait until the child has
 * ended, so what the child's buffer holds comes before what the parent's holds.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "protocol.h"

#define INTRODUCE (1u << KIND_INTRODUCE)
#define ANSWER    (1u << KIND_ANSWER)

/* Both introduce themselves, the child first. Returns the child's process id, its own view. */
static pid_t introductions(struct session *session)
{
    struct request *one, *parent = NULL;
    pid_t child = 0;
    while ((one = await(session, INTRODUCE | ANSWER, child == 0 ? STUCK : SETTLED)) !=
           NULL) {
        if (one->message.kind == KIND_ANSWER)
            break;
        if (one->pid == caller(session)) {
            if (parent != NULL)
                fail(
                    session, "no_child",
                    "Both lines come from the process that called hello_once(). One of them "
                    "must come from a child.");
            parent = one;
        } else {
            child = one->own_id;
            reply(session, one, 0);
        }
    }
    if (child == 0)
        fail(session, "no_child",
             "No child has introduced itself. Is the fork() still there?");
    if (one == NULL && parent == NULL)
        await_answer(session);
    if (parent == NULL)
        fail(session, "no_parent", "The parent has not introduced itself.");
    reply(session, parent, 0);
    return child;
}

static int count_lines(const char *text, const char *line)
{
    int count = 0;
    size_t length = strlen(line);
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n')
        count +=
            strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0');
    return count;
}

static void check_lines(struct session *session, const char *where, bool on_terminal)
{
    char line[64];
    cue(session, (struct message){.value = {0}});
    pid_t child = introductions(session);
    long returned = await_answer(session).value[0];
    if (returned != 0)
        fail(session, "wrong_code", "hello_once() returned %ld, not 0.", returned);
    check_tidy(session);
    const char *text = printed_to_the_end(session);
    int hellos = count_lines(text, "hello");
    if (hellos == 0)
        fail(session, "no_hello", "%s, no line says hello.", where);
    if (hellos > 1 && on_terminal)
        fail(
            session, "both_greet",
            "%s, hello was printed %d times. There each line leaves the buffer at once, so the "
            "buffer that fork() copies is not why. Which processes run through the printf()?",
            where, hellos);
    if (hellos > 1)
        fail(
            session, "doubled",
            "%s, hello was printed %d times, although one printf() printed it. Where was the "
            "text when fork() copied the process?",
            where, hellos);
    snprintf(line, sizeof line, "%ld is the child", (long)child);
    if (count_lines(text, line) != 1)
        fail(
            session, "child_line_lost",
            "%s, the child's line is missing, although the child called printf(). What does "
            "exit() do for stdio that _exit() does not?",
            where);
    snprintf(line, sizeof line, "%ld is the parent", caller_own_id(session));
    if (count_lines(text, line) != 1)
        fail(session, "parent_line_lost", "%s, the parent's line is missing.", where);
    if (strncmp(text, "hello\n", 6) != 0)
        fail(
            session, "hello_late",
            "%s, hello is not the first line. It must leave the buffer before there are two "
            "processes.",
            where);
}

static void terminal(struct session *session)
{
    check_lines(session, "On a terminal", true);
}

static void file(struct session *session)
{
    check_lines(session, "In a file", false);
}

static void pipe_end(struct session *session)
{
    check_lines(session, "Through a pipe", false);
}

static const struct scene scenes[] = {
    {"three lines on a terminal", terminal, TO_TERMINAL},
    {"three lines in a file", file, TO_FILE},
    {"three lines through a pipe", pipe_end, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "hello_once()",
    .scenes = scenes,
};
