/*
 * session.c: see session.h and judge.h. One loop, pump(), waits for whatever comes: a process of the
 * program that asks something, output, a death, or nothing at all for a while.
 */
#include "session.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sandbox.h"

#define TICK         0.02 /* seconds between two looks at the processes */
#define EXPECTED     8    /* children of the harness's own */
#define REQUEST_ROOM 512  /* requests at a time */
#define TEXT_ROOM    (64 * 1024)

/* What comes through one of the program's output streams. */
struct stream {
    int in; /* -1: ended */
    size_t length;
    char text[TEXT_ROOM];
};

struct session {
    pid_t driver; /* calls the learner's function */
    bool ready, ended, ending;
    int status;
    int listener;
    enum output output;
    int file; /* TO_FILE: the file */
    struct stream out, err;
    size_t printed; /* bytes in all */
    struct request *requests;
    struct request *prompt; /* the driver's, which waits for a cue */
    size_t descriptor_count;
    struct descriptor descriptors[DESCRIPTOR_ROOM]; /* before the first cue */
    pid_t excepted[EXPECTED];
    double begun, event, look; /* when: the session, the last event, the last look */
    double busy;               /* when somebody was last seen to be busy */
    double cpu;                /* of all, when last there was an event */
    bool cpu_known;
};

static struct session current; /* one at a time */
static int program_file;
static sigset_t while_waiting;
static struct stream transcript; /* of all scenes, for people */

static void on_child(int signal_number)
{
    (void)signal_number;
}

void session_prepare(int program)
{
    /* Signals come while we wait and at no other time. */
    sigset_t blocked;
    struct sigaction action = {.sa_handler = on_child};
    program_file = program;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    if (sigaction(SIGCHLD, &action, NULL) != 0 ||
        sigprocmask(SIG_BLOCK, &blocked, &while_waiting) != 0)
        broken("cannot set up signals: %s", strerror(errno));
    sigdelset(&while_waiting, SIGCHLD);
}

/* ---- Output ---- */

static void append(struct stream *stream, const char *text, size_t length)
{
    if (length > TEXT_ROOM - 1 - stream->length)
        length = TEXT_ROOM - 1 - stream->length;
    memcpy(stream->text + stream->length, text, length);
    stream->length += length;
    stream->text[stream->length] = '\0';
}

/* Read what there is, without waiting. */
static bool drain(struct session *session, struct stream *stream)
{
    char text[4096];
    bool some = false;
    while (stream->in >= 0) {
        ssize_t count = read(stream->in, text, sizeof text);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (count <= 0) { /* EIO: that is how a terminal ends */
            close(stream->in);
            stream->in = -1;
            break;
        }
        some = true;
        session->printed += (size_t)count;
        append(stream, text, (size_t)count);
        append(&transcript, text, (size_t)count);
        if (session->printed > SANDBOX_OUTPUT)
            break;
    }
    return some;
}

void session_drain(struct session *session)
{
    drain(session, &session->out);
    drain(session, &session->err);
}

/* So that nothing it prints can be taken for something that the judge says. */
void session_show_output(void)
{
    const int most = 40;
    int lines = 0;
    const char *text = transcript.text, *end = text + transcript.length;
    if (text == end)
        return;
    printf("The program printed:\n");
    for (; text < end && lines < most; lines++) {
        printf("  | ");
        for (int column = 0; text < end && *text != '\n' && column < 160;
             text++, column++)
            putchar(isprint((unsigned char)*text) || *text == '\t' ? *text : '?');
        putchar('\n');
        while (text < end && *text != '\n')
            text++;
        text++;
    }
    if (text < end)
        printf("  | ... and more\n");
}

/* ---- Begin ---- */

static int make_terminal(struct stream *stream)
{
    struct termios settings;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return -1;
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || tcgetattr(terminal, &settings) != 0)
        return -1;
    settings.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(terminal, TCSANOW, &settings);
    stream->in = master;
    return terminal;
}

static int make_pipe(struct stream *stream)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        broken("cannot make a pipe: %s", strerror(errno));
    stream->in = ends[0];
    return ends[1];
}

static int make_stdout(struct session *session, enum output output)
{
    int out;
    if (output == TO_FILE) {
        session->file = memfd_create("output", MFD_CLOEXEC);
        if (session->file < 0 || (out = fcntl(session->file, F_DUPFD_CLOEXEC, 0)) < 0)
            broken("cannot make a file: %s", strerror(errno));
        return out;
    }
    if (output == TO_TERMINAL && (out = make_terminal(&session->out)) >= 0)
        return out;
    if (output == TO_TERMINAL)
        broken("there are no terminals here: %s", strerror(errno));
    return make_pipe(&session->out);
}

static void listen_for(struct session *session, char *name, size_t room)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(name, room, "judge-%016lx%016lx",
             (unsigned long)random_number(0, 0x3fffffffffffffff),
             (unsigned long)random_number(0, 0x3fffffffffffffff));
    memcpy(address.sun_path + 1, name, strlen(name));
    session->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (session->listener < 0 ||
        bind(session->listener, (struct sockaddr *)&address,
             (socklen_t)(sizeof address.sun_family + 1 + strlen(name))) != 0 ||
        listen(session->listener, 128) != 0)
        broken("cannot listen: %s", strerror(errno));
}

static void make_nonblocking(int file)
{
    if (file >= 0 && fcntl(file, F_SETFL, O_NONBLOCK) != 0)
        broken("fcntl: %s", strerror(errno));
}

struct session *session_begin(enum output output)
{
    struct session *session = &current;
    char name[64];
    memset(session, 0, sizeof *session);
    session->output = output;
    session->out.in = session->file = -1;
    listen_for(session, name, sizeof name);
    int out = make_stdout(session, output), err = make_pipe(&session->err);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0)
        broken("/dev/null: %s", strerror(errno));
    make_nonblocking(session->out.in);
    make_nonblocking(session->err.in);
    session->begun = session->event = session->busy = now();
    session->driver = sandbox_start(program_file, name, in, out, err);
    close(in);
    close(out);
    close(err);

    struct request *ready = await(session, 1u << KIND_READY, STUCK);
    if (ready == NULL)
        fail(session, "no_contact", "The program waits for something before it calls %s.",
             exercise.function);
    session->ready = true;
    session->descriptor_count = descriptors(session->driver, session->descriptors);
    for (size_t i = 0; i < session->descriptor_count; i++)
        if (session->descriptors[i].number == ready->message.descriptor) {
            session->descriptors[i] = session->descriptors[--session->descriptor_count];
            break;
        }
    return session;
}

/* ---- Requests ---- */

static void forget(struct session *session, struct request *request)
{
    for (struct request **link = &session->requests; *link != NULL; link = &(*link)->next)
        if (*link == request) {
            *link = request->next;
            break;
        }
    close(request->connection);
    free(request);
}

/* A child that was let return from the learner's function is in the harness now, where the
 * program's own first process should be alone. */
static void check_who(struct session *session, const struct request *request)
{
    if (request->message.kind > KIND_ANSWER || request->pid == session->driver)
        return;
    fail(
        session, "falls_through",
        "Two processes came back from one call of %s: process %ld, which called it, and its "
        "child %ld. After fork() the child runs on behind the if, too: where does it end?",
        exercise.function, (long)session->driver, (long)request->pid);
}

static void accept_request(struct session *session)
{
    int connection = accept4(session->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return;
    struct ucred from;
    socklen_t size = sizeof from;
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL ||
        getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &from, &size) != 0)
        broken("accept: %s", strerror(errno));
    /* Who connected sends at once, or is dead. */
    struct timeval patience = {.tv_sec = 5};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (recv(connection, &request->message, sizeof request->message, 0) !=
            (ssize_t)sizeof request->message ||
        from.uid != getuid() || request->message.kind < 0 || request->message.kind > 31) {
        close(connection);
        free(request);
        return;
    }
    request->message.text[sizeof request->message.text - 1] = '\0';
    request->connection = connection;
    request->pid = from.pid;
    request->parent =
        request->pid == session->driver ? getpid() : process_parent(request->pid);
    check_who(session, request);
    struct request **end = &session->requests;
    while (*end != NULL)
        end = &(*end)->next;
    *end = request;
}

void reply(struct session *session, struct request *request, long value)
{
    request->message.value[0] = value;
    /* If it is dead, it does not need to know. */
    (void)!send(request->connection, &request->message, sizeof request->message,
                MSG_NOSIGNAL | MSG_DONTWAIT);
    forget(session, request);
    session->busy = session->event = now();
}

void cue(struct session *session, struct message message)
{
    if (session->prompt == NULL)
        broken("a cue for a program that has not answered the last one");
    session->prompt->message = message;
    struct request *prompt = session->prompt;
    session->prompt = NULL;
    reply(session, prompt, message.value[0]);
}

/* ---- The loop ---- */

static void reap(struct session *session)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == session->driver) {
            session->ended = true;
            session->status = status;
        }
        session->event = now();
    }
}

static void check_output(struct session *session)
{
    if (session->printed > SANDBOX_OUTPUT)
        fail(session, "flood",
             "The program printed more than %ld KiB and was ended: is there a "
             "loop without an end?",
             SANDBOX_OUTPUT / 1024);
}

/* Look at all processes: too many, too large, one that loops, one that is busy at all? */
static void look(struct session *session)
{
    struct process members[PROCESS_ROOM];
    size_t count = descendants(members), pages = 0;
    double cpu = 0;
    bool busy = false;
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++) {
        cpu += members[i].cpu;
        pages += members[i].pages;
        busy = busy || strchr("SZTtX", members[i].state) == NULL;
    }
    session->look = now();
    if (count > SANDBOX_PROCESSES)
        fail(session, "fork_bomb",
             "There were %zu processes at a time, and they were ended: "
             "which of them call fork(), and how often?",
             count);
    if (pages > (size_t)SANDBOX_MEMORY / (size_t)sysconf(_SC_PAGESIZE))
        fail(session, "memory",
             "The program's processes took more than %ld MiB of memory and "
             "were ended.",
             SANDBOX_MEMORY >> 20);
    if (busy)
        session->busy = session->look;
    if (!session->cpu_known || session->event > session->look - TICK)
        session->cpu = cpu;
    session->cpu_known = true;
    if (cpu - session->cpu > SANDBOX_CPU)
        fail(
            session, "endless_loop",
            "%s used %.0f seconds of processor time and nothing came "
            "of it: an endless loop, or one that asks again and again instead of waiting.",
            exercise.function, cpu - session->cpu);
    if (session->look - session->begun > SANDBOX_SECONDS)
        fail(session, "too_long", "Not done after %.0f seconds, and ended.",
             SANDBOX_SECONDS);
}

/* A process that died while its request was with us. */
static void check_gone(struct session *session, struct request *request, short what)
{
    char byte;
    if (request->gone || !(what & (POLLIN | POLLHUP | POLLERR)) ||
        recv(request->connection, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0)
        return;
    request->gone = true;
    session->event = now();
}

/* Wait until something happens, for a tick at most. */
static void pump(struct session *session)
{
    struct pollfd files[REQUEST_ROOM + 3];
    struct request *asked[REQUEST_ROOM];
    nfds_t count = 0, requests = 0;
    files[count++] = (struct pollfd){.fd = session->listener, .events = POLLIN};
    files[count++] = (struct pollfd){.fd = session->out.in, .events = POLLIN};
    files[count++] = (struct pollfd){.fd = session->err.in, .events = POLLIN};
    for (struct request *r = session->requests; r != NULL && requests < REQUEST_ROOM;
         r = r->next)
        if (!r->gone) {
            asked[requests++] = r;
            files[count++] = (struct pollfd){.fd = r->connection, .events = POLLIN};
        }
    const struct timespec tick = {.tv_nsec = (long)(TICK * 1e9)};
    int some = ppoll(files, count, &tick, &while_waiting);
    if (some < 0 && errno != EINTR)
        broken("poll: %s", strerror(errno));
    reap(session);
    if (some > 0) {
        if (files[0].revents != 0)
            accept_request(session), session->event = now();
        for (nfds_t i = 0; i < requests; i++)
            check_gone(session, asked[i], files[i + 3].revents);
        bool printed = drain(session, &session->out);
        if (drain(session, &session->err) || printed)
            session->event = now();
        check_output(session);
    }
    if (now() - session->look > TICK)
        look(session);
}

static _Noreturn void ended_early(struct session *session)
{
    int status = session->status;
    session_drain(session);
    if (!session->ready)
        fail(session, "no_contact", "The program %s before main() came to call %s.",
             describe_status(status), exercise.function);
    if (exercise.ended != NULL)
        exercise.ended(session, status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        fail(
            session, "kills_all",
            "kill() was called for all processes there are, or for one outside of this "
            "program. Is the process id it was given what a fork() returned that failed?");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        fail(session, "flood", "The program printed without an end and was ended.");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        fail(session, "endless_loop", "The program used up its processor time.");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 97)
        fail(session, "lost_contact",
             "The program could not open one more descriptor: were all used up?");
    if (WIFSIGNALED(status))
        fail(session, "crashed", "%s did not return: the process that called it %s.",
             exercise.function, describe_status(status));
    fail(
        session, "exited",
        "%s did not return: the process that called it %s. Only a child may end in there.",
        exercise.function, describe_status(status));
}

static size_t children(struct session *session, struct process members[PROCESS_ROOM])
{
    size_t count = descendants(members), kept = 0;
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
        if (!r->taken && (kinds & (1u << r->message.kind)) != 0)
            return r;
    return NULL;
}

static struct request *take(struct session *session, struct request *request)
{
    struct process members[PROCESS_ROOM];
    request->taken = true;
    if (request->message.kind > KIND_ANSWER)
        return request;
    session->prompt = request;
    /* A child that follows out of the function is a mistake of its own: let it come. */
    if (children(session, members) > 0)
        settle(session);
    return request;
}

/* Since when nothing happened: no event, and nobody busy. Children that can't run now for
 * want of a processor are busy. */
static bool quiet_for(const struct session *session, double seconds)
{
    double since = session->busy > session->event ? session->busy : session->event;
    return session->look - since > seconds;
}

struct request *await(struct session *session, unsigned kinds, double quiet)
{
    struct request *request;
    session->busy = now();
    while ((request = first(session, kinds)) == NULL) {
        if (session->ended && !session->ending)
            ended_early(session);
        if (quiet_for(session, quiet))
            return NULL;
        pump(session);
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
        if (quiet_for(session, quiet))
            return NULL;
        pump(session);
    }
}

void settle(struct session *session)
{
    session->busy = now();
    while (!quiet_for(session, SETTLED)) {
        if (session->ended && !session->ending)
            ended_early(session);
        pump(session);
    }
}

void pause_for(double seconds)
{
    double end = now() + seconds;
    while (now() < end)
        pump(&current);
}

/* ---- The end ---- */

struct message await_answer(struct session *session)
{
    struct process members[PROCESS_ROOM];
    struct request *answer = await(session, 1u << KIND_ANSWER, STUCK);
    if (answer == NULL)
        fail(
            session, "hangs",
            "%s does not return: nobody in the program has anything to do any more, and %zu of "
            "its children live%s. Who waits for what?",
            exercise.function, children(session, members),
            children(session, members) == 1 ? "s" : "");
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

static void check_children(struct session *session)
{
    struct process members[PROCESS_ROOM];
    size_t count = children(session, members), zombies = 0;
    for (size_t i = 0; i < count; i++)
        zombies += members[i].state == 'Z';
    if (zombies > 0)
        fail(session, "unreaped",
             "When %s had returned, %zu child process%s had ended and nobody "
             "had asked how: process %ld is a zombie. Whoever calls fork() also waits.",
             exercise.function, zombies, zombies == 1 ? "" : "es", (long)members[0].pid);
    if (count > 0)
        fail(
            session, "left_running",
            "When %s had returned, a process that it started was still running: process %ld. "
            "Who ends it, and who waits for that?",
            exercise.function, (long)members[0].pid);
}

static const struct descriptor *find(const struct descriptor *list, size_t count,
                                     int number)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].number == number)
            return &list[i];
    return NULL;
}

static void check_descriptors(struct session *session)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(session->driver, list);
    char text[512] = "";
    int leaked = 0;
    for (size_t i = 0; i < count; i++)
        if (find(session->descriptors, session->descriptor_count, list[i].number) ==
                NULL &&
            list[i].number != session->prompt->message.descriptor && leaked++ < 4)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                     *text != '\0' ? ", " : "", describe_descriptor(&list[i]));
    if (leaked > 0)
        fail(session, "descriptor_leak",
             "%s left %d descriptor%s open: %s%s. Whoever calls pipe() "
             "also calls close(), twice.",
             exercise.function, leaked, plural(leaked), text,
             leaked > 4 ? " and more" : "");
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

/* Tell the program to return from main(). */
static void end(struct session *session)
{
    session->ending = true;
    if (session->prompt != NULL)
        cue(session, (struct message){.kind = KIND_END});
    session->busy = now();
    while (!session->ended && !quiet_for(session, STUCK))
        pump(session);
    if (!session->ended)
        fail(session, "hangs",
             "The program does not end: it waits for something when it returns "
             "from main().");
    session_drain(session);
}

const char *printed_to_the_end(struct session *session)
{
    end(session);
    if (session->file >= 0) {
        char text[4096];
        ssize_t count;
        for (off_t at = 0; (count = pread(session->file, text, sizeof text, at)) > 0;
             at += count)
            append(&session->out, text, (size_t)count);
    }
    return session->out.text;
}

void session_finish(struct session *session)
{
    struct process members[PROCESS_ROOM];
    if (!session->ended)
        end(session);
    if (!WIFEXITED(session->status) || WEXITSTATUS(session->status) != 0)
        fail(session, "bad_end", "%s returned, and then the program %s.",
             exercise.function, describe_status(session->status));
    size_t count = descendants(members);
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++)
        if (members[i].state != 'Z' && members[i].pid != session->driver)
            fail(session, "survivor",
                 "The program has ended, and process %ld, a descendant of "
                 "it, lives on.",
                 (long)members[i].pid);
    while (session->requests != NULL)
        forget(session, session->requests);
    for (int i = 0; i < 2; i++) {
        struct stream *stream = i == 0 ? &session->out : &session->err;
        if (stream->in >= 0)
            close(stream->in);
    }
    if (session->file >= 0)
        close(session->file);
    close(session->listener);
}

void session_kill(void)
{
    sandbox_end_all(current.driver);
}

pid_t caller(const struct session *session)
{
    return session->driver;
}
