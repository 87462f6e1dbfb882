/*
 * request.c: what the processes of the learner's program ask, and the replies. See session.h.
 *
 * A request is a message on a connection of its own. Its numbers may be anything: the program
 * may hold a faulty or a hostile function. The process id is the kernel's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "session.h"

/* A name that can't be guessed, and that no seed repeats. */
void requests_listen(struct session *session, char *name, size_t room)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    unsigned long secret[2];
    if (getrandom(secret, sizeof secret, 0) != sizeof secret)
        broken("no random numbers: %s", strerror(errno));
    snprintf(name, room, "judge-%016lx%016lx", secret[0], secret[1]);
    memcpy(address.sun_path + 1, name, strlen(name));
    session->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (session->listener < 0 ||
        bind(session->listener, (struct sockaddr *)&address,
             (socklen_t)(sizeof address.sun_family + 1 + strlen(name))) != 0 ||
        listen(session->listener, 128) != 0)
        broken("cannot listen: %s", strerror(errno));
}

void request_forget(struct session *session, struct request *request)
{
    for (struct request **link = &session->requests; *link != NULL; link = &(*link)->next)
        if (*link == request) {
            *link = request->next;
            session->request_count--;
            break;
        }
    if (session->prompt == request)
        session->prompt = NULL;
    close(request->connection);
    free(request);
}

/* A child that returned from the learner's function is in the harness now, where the driver
 * should be alone. */
static void check_process(struct session *session, const struct request *request)
{
    if (request->message.kind > KIND_ANSWER || request->pid == session->driver)
        return;
    fail(
        session, "falls_through",
        "Two processes returned from one call of %s: process %ld, which called it, and its "
        "child %ld. After fork() the child also runs the code that follows the if. Where does "
        "the child end?",
        exercise.function, (long)session->driver_own_id, (long)request->own_id);
}

/* One connection. Its message may come later, or never. */
void requests_accept(struct session *session)
{
    struct ucred from;
    socklen_t size = sizeof from;
    int connection = accept4(session->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0)
        return;
    if (session->request_count >= REQUESTS_MOST)
        fail(
            session, "too_many_requests",
            "More than %d calls of the judge's functions were under way at a time, and the "
            "program was ended.",
            REQUESTS_MOST);
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL ||
        getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &from, &size) != 0)
        broken("accept: %s", strerror(errno));
    if (from.uid != geteuid()) {
        close(connection);
        free(request);
        return;
    }
    request->mute = true;
    request->connection = connection;
    request->pid = from.pid;
    struct request **end = &session->requests;
    while (*end != NULL)
        end = &(*end)->next;
    *end = request;
    session->request_count++;
    request_receive(session, request);
}

/* A message for a connection that has not said anything, or its end. */
void request_receive(struct session *session, struct request *request)
{
    ssize_t count =
        recv(request->connection, &request->message, sizeof request->message, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count != (ssize_t)sizeof request->message || request->message.kind < 0 ||
        request->message.kind > 31) {
        request_forget(session, request);
        return;
    }
    request->mute = false;
    request->message.text[sizeof request->message.text - 1] = '\0';
    request->own_id = process_own_id(request->pid);
    request->parent = request->pid == session->driver ? session->sandbox.init
                                                      : process_parent(request->pid);
    session->event = now();
    check_process(session, request);
}

void reply(struct session *session, struct request *request, long value)
{
    request->message.value[0] = value;
    /* If the process is dead, it does not need to know. */
    (void)!send(request->connection, &request->message, sizeof request->message,
                MSG_NOSIGNAL | MSG_DONTWAIT);
    request_forget(session, request);
    session->busy = session->event = now();
}

void cue(struct session *session, struct message message)
{
    if (session->prompt == NULL)
        broken("a cue for a program that has not answered the last one");
    struct request *prompt = session->prompt;
    prompt->message = message;
    reply(session, prompt, message.value[0]);
}

long number_in(struct session *session, const struct request *request, int which,
               long least, long most)
{
    long number = request->message.value[which];
    if (number < least || number > most)
        fail(
            session, "impossible",
            "Process %ld told the judge the number %ld where only %ld to %ld are possible: "
            "its memory is damaged, or it speaks for the harness.",
            (long)request->own_id, number, least, most);
    return number;
}

void from_caller(struct session *session, const struct request *request)
{
    if (request->pid != session->driver)
        fail(
            session, "impossible",
            "Process %ld told the judge what only the process that called %s can tell: it "
            "speaks for the harness.",
            (long)request->own_id, exercise.function);
}
