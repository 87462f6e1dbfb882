/*
 * output.c: what the learner's program prints, and where to. See session.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "session.h"

static struct stream transcript; /* both streams, in the order in which they came */

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
    while (stream->in >= 0 && session->printed <= SANDBOX_OUTPUT) {
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
    }
    return some;
}

bool output_drain(struct session *session)
{
    bool some = drain(session, &session->out);
    return drain(session, &session->err) || some;
}

void output_add_file(struct session *session)
{
    char text[4096];
    ssize_t count;
    if (session->file < 0)
        return;
    for (off_t at = 0; (count = pread(session->file, text, sizeof text, at)) > 0;
         at += count) {
        append(&session->out, text, (size_t)count);
        append(&transcript, text, (size_t)count);
    }
    close(session->file);
    session->file = -1;
}

const char *output_transcript(void)
{
    return transcript.text;
}

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

static void make_nonblocking(int file)
{
    if (fcntl(file, F_SETFL, O_NONBLOCK) != 0)
        broken("fcntl: %s", strerror(errno));
}

static int make_pipe(struct stream *stream)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        broken("cannot make a pipe: %s", strerror(errno));
    stream->in = ends[0];
    make_nonblocking(stream->in);
    return ends[1];
}

int output_open(struct session *session, enum output output)
{
    int out;
    session->out.in = session->file = -1;
    transcript.length = 0;
    transcript.text[0] = '\0';
    if (output == TO_FILE) {
        session->file = memfd_create("output", MFD_CLOEXEC);
        if (session->file < 0 || (out = fcntl(session->file, F_DUPFD_CLOEXEC, 0)) < 0)
            broken("cannot make a file: %s", strerror(errno));
        return out;
    }
    if (output == TO_PIPE)
        return make_pipe(&session->out);
    if ((out = make_terminal(&session->out)) < 0)
        broken("there are no terminals here: %s", strerror(errno));
    make_nonblocking(session->out.in);
    return out;
}

int output_open_errors(struct session *session)
{
    return make_pipe(&session->err);
}

void output_close(struct session *session)
{
    int *files[] = {&session->out.in, &session->err.in, &session->file};
    for (int i = 0; i < 3; i++) {
        if (*files[i] >= 0)
            close(*files[i]);
        *files[i] = -1;
    }
}
