/* A letter; then the result, or the length of the message and the message. */
#include "error_reply.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int put(int out, const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t n = write(out, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int get(int in, void *data, size_t size)
{
    for (char *at = data; size > 0;) {
        ssize_t n = read(in, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

int serve(int in, int out, work_function *work)
{
    long input, result;
    char message[MESSAGE_ROOM];
    while (get(in, &input, sizeof input) == 0) {
        if (work(input, &result, message) == 0) {
            if (put(out, "R", 1) || put(out, &result, sizeof result))
                return -1;
        } else {
            size_t length = strlen(message) + 1;
            if (put(out, "E", 1) || put(out, &length, sizeof length) ||
                put(out, message, length))
                return -1;
        }
    }
    return 0;
}

int fetch(int from, long *result, char *message)
{
    char kind;
    size_t length;
    if (get(from, &kind, 1) != 0)
        return -2;
    if (kind == 'R')
        return get(from, result, sizeof *result) == 0 ? 0 : -2;
    if (get(from, &length, sizeof length) != 0 || get(from, message, length) != 0)
        return -2;
    return -1;
}
