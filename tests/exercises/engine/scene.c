/*
 * scene.c: see scene.h.
 */
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "creations.h"
#include "patience.h"
#include "session.h"

static int author = -1; /* in the scene's process: where its result goes */
static unsigned long state;

/* ---- In the scene's process ---- */

/* splitmix64 */
static unsigned long next_number(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

long random_number(long least, long most)
{
    return least + (long)(next_number() % (unsigned long)(most - least + 1));
}

void shuffle(int *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        int other = (int)random_number(0, i);
        numbers[i] = numbers[other];
        numbers[other] = i;
    }
}

/* Whatever the program's names hold: nothing in a verdict is a control character, a quote of
 * another character set or the end of a line. */
static void make_printable(char *to, size_t room, const char *from)
{
    size_t length = 0;
    for (; *from != '\0' && length + 5 < room; from++) {
        unsigned char byte = (unsigned char)*from;
        if (byte >= ' ' && byte < 127)
            to[length++] = (char)byte;
        else
            length += (size_t)snprintf(to + length, room - length, "\\x%02x", byte);
    }
    to[length] = '\0';
}

static _Noreturn void end_scene(enum verdict verdict, const char *hint, const char *text)
{
    static struct result result;
    const char *at = (const char *)&result;
    result.verdict = verdict;
    snprintf(result.hint, sizeof result.hint, "%s", hint);
    make_printable(result.text, sizeof result.text, text);
    snprintf(result.printed, sizeof result.printed, "%s", output_transcript());
    session_kill();
    for (size_t done = 0; done < sizeof result;) {
        ssize_t count = write(author, at + done, sizeof result - done);
        if (count < 0 && errno != EINTR)
            _exit(2);
        done += count > 0 ? (size_t)count : 0;
    }
    _exit(0);
}

_Noreturn void broken(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (author >= 0)
        end_scene(NOT_JUDGED, "trouble", text);
    fprintf(stderr, "judge: %s\n", text);
    _exit(2);
}

_Noreturn void fail(struct session *session, const char *hint, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    output_drain(session);
    output_add_file(session);
    end_scene(FAILED, hint, text);
}

static const struct failing *failing; /* NULL: no call fails */

const struct failing *failing_call(void)
{
    return failing;
}

/* Returns where the program's stdout goes. */
static enum output set_up(const struct scene *scene)
{
    static const struct failing calls[] = {{CUE_NO_FORK, "fork()", "fork()"},
                                           {CUE_TWO_FORKS, "The third fork()", "fork()"},
                                           {CUE_NO_PIPE, "pipe()", "pipe()"}};
    if (!scene_has_failure(scene))
        return (enum output)scene->setting;
    failing = &calls[scene->setting - CUE_NO_FORK];
    return TO_PIPE;
}

static _Noreturn void act(const struct scene *scene, int program,
                          const struct identity *identity)
{
    sandbox_enter(identity);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* which a change of user ids resets */
    session_prepare(program);
    struct session *session = session_begin(set_up(scene));
    scene->act(session);
    session_finish(session);
    end_scene(PASSED, "-", "");
}

/* ---- In the author's ---- */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal_number)
{
    interrupted = signal_number;
}

static void handle_signals(sigset_t *while_waiting)
{
    struct sigaction action = {.sa_handler = on_signal};
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int i = 0; i < 3; i++) {
        sigaction(signals[i], &action, NULL);
        sigaddset(&blocked, signals[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    for (int i = 0; i < 3; i++)
        sigdelset(while_waiting, signals[i]);
    signal(SIGPIPE, SIG_IGN);
}

/* The whole result, or less if the scene's process ended or took too long. */
static bool read_result(int from, struct result *result, const sigset_t *while_waiting)
{
    const double end = now() + patience(SANDBOX_SECONDS) + 60;
    char *at = (char *)result;
    size_t done = 0;
    while (done < sizeof *result && !interrupted) {
        struct pollfd file = {.fd = from, .events = POLLIN};
        const double left = end - now();
        if (left <= 0)
            return false;
        if (ppoll(&file, 1, &(struct timespec){.tv_sec = (time_t)left + 1},
                  while_waiting) <= 0)
            continue;
        ssize_t count = read(from, at + done, sizeof *result - done);
        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return done == sizeof *result;
}

/* All that was started since, and all that is the student's. */
static void clean_up(const struct identity *identity)
{
    struct sandbox rest = {.init = 0};
    sandbox_end_all(&rest);
    identity_clean_up(identity);
    creations_remove();
}

void scene_run(const struct scene *scene, int program, const struct identity *identity,
               unsigned long seed, struct result *result)
{
    int ends[2], status = 0;
    sigset_t while_waiting;
    if (pipe2(ends, O_CLOEXEC) != 0)
        broken("cannot make a pipe: %s", strerror(errno));
    handle_signals(&while_waiting);
    creations_prepare();
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        broken("cannot fork: %s", strerror(errno));
    if (pid == 0) {
        author = ends[1];
        state = seed;
        act(scene, program, identity);
    }
    close(ends[1]);
    bool complete = read_result(ends[0], result, &while_waiting);
    close(ends[0]);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    clean_up(identity);
    if (interrupted)
        _exit(128 + interrupted);
    if (complete)
        return;
    memset(result, 0, sizeof *result);
    snprintf(result->hint, sizeof result->hint, "trouble");
    snprintf(result->text, sizeof result->text, "The judge's own process %s.",
             describe_status(status));
}
