/* A child does all the writing, so the parent never has to wait with it. */
#include "ordered_map.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static bool read_item(int from, struct item *item)
{
    for (size_t size = 0; size < sizeof *item;) {
        ssize_t count = read(from, item->bytes + size, sizeof *item - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        size += (size_t)count;
    }
    return true;
}

static bool write_item(int to, const struct item *item)
{
    for (size_t size = 0; size < sizeof *item;) {
        ssize_t count = write(to, item->bytes + size, sizeof *item - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        size += (size_t)count;
    }
    return true;
}

int ordered_map(const struct hall *hall, const struct item *inputs, struct item *results,
                size_t count)
{
    size_t workers = (size_t)hall->workers;
    pid_t writer = fork();
    if (writer == 0) {
        for (size_t i = 0; i < count; i++)
            write_item(hall->to[i % workers], &inputs[i]);
        _exit(0);
    }
    for (size_t i = 0; i < count; i++)
        if (!read_item(hall->from[i % workers], &results[i]))
            return -1;
    return waitpid(writer, NULL, 0) == writer ? 0 : -1;
}
