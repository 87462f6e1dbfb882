/*
 * session.c: see session.h and judge.h. One loop, session_pump(), waits for whatever comes: a
 * process of the program that asks something, output, a death, or nothing at all for a while.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "creations.h"

#define FIXED 5 /* descriptors to wait for, beside those of requests */

static struct session current; /* one at a time */
static int program_file;
static sigset_t while_waiting;

static void on_child(int signal_number)
{
    (void)signal_number;
}

void session_prepare(int program)
{
    /* Signals come while the judge waits and at no other time. */
    sigset_t blocked;
    struct sigaction action = {.sa_handler = on_child};
    program_file = program;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    if (sigaction(SIGCHLD, &action, NULL) != 0 ||
        sigprocmask(SIG_BLOCK, &blocked, &while_waiting) != 0)
        broken("cannot set up signals: %s", strerror(errno));
    sigdelset(&while_waiting, SIGCHLD);
}

/* ---- Begin ---- */

static void start(struct session *session, enum output output)
{
    char name[64];
    requests_listen(session, name, sizeof name);
    int out = output_open(session, output), err = output_open_errors(session);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0)
        broken("/dev/null: %s", strerror(errno));
    session->begun = session->event = session->busy = now();
    session->sandbox = sandbox_start(program_file, name, in, out, err);
    session->driver = session->sandbox.driver;
    close(in);
    close(out);
    close(err);
}

struct session *session_begin(enum output output)
{
    struct session *session = &current;
    memset(session, 0, sizeof *session);
    start(session, output);
    struct request *ready = await(session, 1u << KIND_READY, STUCK);
    if (ready == NULL)
        fail(session, "no_contact", "The program waits for something before it calls %s.",
             exercise.function);
    session->ready = true;
    session->driver_own_id = ready->own_id;
    session->descriptor_count = descriptors(session->driver, session->descriptors);
    for (size_t i = 0; i < session->descriptor_count; i++)
        if (session->descriptors[i].number == ready->message.descriptor) {
            session->descriptors[i] = session->descriptors[--session->descriptor_count];
            break;
        }
    return session;
}

/* ---- The loop ---- */

/* A process that died while its request was with the judge. */
static void check_gone(struct session *session, struct request *request)
{
    char byte;
    if (recv(request->connection, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0)
        return;
    request->gone = true;
    session->event = now();
}

static void check_requests(struct session *session, struct pollfd *files,
                           struct request **asked, nfds_t requests)
{
    for (nfds_t i = 0; i < requests; i++) {
        if (!(files[i].revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        if (asked[i]->mute)
            request_receive(session, asked[i]);
        else
            check_gone(session, asked[i]);
    }
}

static void check_end(struct session *session)
{
    if (session->ended || !sandbox_ended(&session->sandbox, &session->status))
        return;
    session->ended = true;
    session->event = now();
}

void session_pump(struct session *session)
{
    static struct pollfd files[REQUESTS_MOST + FIXED];
    static struct request *asked[REQUESTS_MOST];
    nfds_t count = 0, requests = 0;
    const int fixed[] = {session->listener, session->out.in, session->err.in,
                         session->ended ? -1 : session->sandbox.status,
                         creations_descriptor()};
    for (int i = 0; i < FIXED; i++)
        files[count++] = (struct pollfd){.fd = fixed[i], .events = POLLIN};
    for (struct request *r = session->requests; r != NULL && requests < REQUESTS_MOST;
         r = r->next)
        if (!r->gone) {
            asked[requests++] = r;
            files[count++] = (struct pollfd){.fd = r->connection, .events = POLLIN};
        }
    const struct timespec tick = {.tv_nsec = (long)(TICK * 1e9)};
    int some = ppoll(files, count, &tick, &while_waiting);
    if (some < 0 && errno != EINTR)
        broken("poll: %s", strerror(errno));
    if (some > 0) {
        if (files[FIXED - 1].revents != 0)
            creations_note();
        check_requests(session, files + FIXED, asked, requests);
        if (files[0].revents != 0)
            requests_accept(session);
        if (output_drain(session))
            session->event = now();
        check_end(session);
    }
    if (now() - session->look > TICK)
        watch(session);
}

size_t session_children(struct session *session, struct process members[PROCESS_ROOM])
{
    size_t count = descendants(session->sandbox.init, members), kept = 0;
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++) {
        bool skip = members[i].pid == session->driver;
        for (int k = 0; k < EXPECTED; k++)
            skip = skip || members[i].pid == session->excepted[k];
        if (!skip)
            members[kept++] = members[i];
    }
    return kept;
}

static struct request *first(struct session *session, unsigned kinds)
{
    for (struct request *r = session->requests; r != NULL; r = r->next)
        if (!r->taken && !r->mute && (kinds & (1u << r->message.kind)) != 0)
            return r;
    return NULL;
}

static struct request *take(struct session *session, struct request *request)
{
    static struct process members[PROCESS_ROOM];
    request->taken = true;
    if (request->message.kind > KIND_ANSWER)
        return request;
    session->prompt = request;
    /* A child that follows out of the function is a mistake of its own: let it come. */
    if (session_children(session, members) > 0)
        settle(session);
    return request;
}

/* For so long nothing happened: no event, and no process busy. A process that waits for a processor
 * is busy. */
static bool quiet_for(const struct session *session, double seconds)
{
    double since = session->busy > session->event ? session->busy : session->event;
    return session->look - since > seconds;
}

/* It is quiet, and a look at what came meanwhile does not change that: it may be that this process
 * could not look for so long. */
static bool stays_quiet(struct session *session, double seconds)
{
    if (!quiet_for(session, seconds))
        return false;
    session_pump(session);
    return quiet_for(session, seconds);
}

struct request *await(struct session *session, unsigned kinds, double quiet)
{
    struct request *request;
    session->busy = now();
    while ((request = first(session, kinds)) == NULL) {
        if (session->ended && !session->ending)
            ended_early(session);
        if (stays_quiet(session, quiet))
            return NULL;
        session_pump(session);
    }
    return take(session, request);
}

struct request *await_death(struct session *session, double quiet)
{
    session->busy = now();
    for (;;) {
        for (struct request *r = session->requests; r != NULL; r = r->next)
            if (r->taken && r->gone)
                return r;
        if (stays_quiet(session, quiet))
            return NULL;
        session_pump(session);
    }
}

void settle(struct session *session)
{
    session->busy = now();
    while (!stays_quiet(session, SETTLED)) {
        if (session->ended && !session->ending)
            ended_early(session);
        session_pump(session);
    }
}

void pause_for(double seconds)
{
    double end = now() + seconds;
    while (now() < end)
        session_pump(&current);
}

/* ---- The end ---- */

struct message await_answer(struct session *session)
{
    static struct process members[PROCESS_ROOM];
    struct request *answer = await(session, 1u << KIND_ANSWER, STUCK);
    if (answer == NULL) {
        size_t count = session_children(session, members);
        fail(session, "hangs",
             "%s does not return: every process of the program waits, and %zu of its "
             "children live%s. Which process waits for what?",
             exercise.function, count, count == 1 ? "s" : "");
    }
    return answer->message;
}

void except(struct session *session, pid_t pid)
{
    for (int k = 0; k < EXPECTED; k++)
        if (session->excepted[k] == 0) {
            session->excepted[k] = pid;
            return;
        }
}

void session_end(struct session *session)
{
    session->ending = true;
    if (session->prompt != NULL)
        cue(session, (struct message){.kind = KIND_END});
    session->busy = now();
    while (!session->ended && !stays_quiet(session, STUCK))
        session_pump(session);
    if (!session->ended)
        fail(session, "hangs",
             "The program does not end: it waits for something when it returns "
             "from main().");
    output_drain(session);
}

const char *printed_to_the_end(struct session *session)
{
    session_end(session);
    output_add_file(session);
    return session->out.text;
}

void session_kill(void)
{
    sandbox_end_all(&current.sandbox);
}

pid_t caller(const struct session *session)
{
    return session->driver;
}

long caller_own_id(const struct session *session)
{
    return (long)session->driver_own_id;
}
