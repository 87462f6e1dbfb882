/*
 * tie.c: see tie.h. Not in POSIX: pipe2(), fcntl() with F_SETSIG.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "tie.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux_descriptor.h"

struct tie tie_make(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return NO_TIE;
    struct stat status;
    struct tie tie = {.watched = descriptor_above_2(ends[0]),
                      .held = descriptor_above_2(ends[1])};
    if (tie.watched < 0 || tie.held < 0) {
        tie_close(&tie.watched);
        tie_close(&tie.held);
    } else if (fstat(tie.held, &status) == 0) {
        tie.pipe = status.st_ino;
    }
    return tie;
}

void tie_close(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

void tie_let_go(struct tie *tie)
{
    struct stat status;
    if (fstat(tie->held, &status) == 0 && S_ISFIFO(status.st_mode) &&
        status.st_ino == tie->pipe)
        close(tie->held);
    tie->held = -1;
}

static void ask_for_signal(int end, int signal)
{
    fcntl(end, F_SETOWN, getpid());
    fcntl(end, F_SETSIG, signal);
    fcntl(end, F_SETFL, O_ASYNC | O_NONBLOCK);
}

void tie_watch(struct tie *tie, int signal)
{
    tie_close(&tie->held);
    if (tie->watched >= 0)
        ask_for_signal(tie->watched, signal);
}

/* The owner of a signal is noted once for each opened file, so the pipe is opened again. The holder
 * does it: in a new process the kernel must first make /proc/self, which takes three times as long.
 * The name is written without snprintf(), whose code and tables are on five pages of memory that
 * the holder has not touched. */
static int open_again(const struct tie *tie)
{
    char name[] = "/proc/self/fd///////////"; /* slashes, for the number */
    char *digit = name + sizeof name - 1;
    if (tie->held < 0)
        return -1;
    for (int rest = tie->held; rest > 0; rest /= 10)
        *--digit = (char)('0' + rest % 10);
    return descriptor_above_2(open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

/* The first child gets the end that there is. So for one child /proc is not needed: at its first
 * use, the kernel makes entries for the process, which it has to remove when the process ends. The
 * others change nothing, as the holder would need a copy of the page after each fork. */
int tie_again(struct tie *tie)
{
    int own = tie->watched;
    if (own < 0)
        return open_again(tie);
    tie->watched = -1;
    return own;
}

void tie_watch_alone(const struct tie *tie, int own, int signal)
{
    if (own >= 0)
        ask_for_signal(own, signal);
    if (tie->held >= 0)
        close(tie->held); /* last: if all other holders are gone, this cuts it */
}

bool tie_is_cut(const struct tie *tie)
{
    char byte;
    return tie->watched >= 0 && read(tie->watched, &byte, 1) == 0;
}
