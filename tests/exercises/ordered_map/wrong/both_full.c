/* Writes everything, then reads everything. */
#include "ordered_map.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
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
    for (size_t i = 0; i < count; i++)
        if (!write_item(hall->to[i % workers], &inputs[i]))
            return -1;
    for (size_t i = 0; i < count; i++)
        if (!read_item(hall->from[i % workers], &results[i]))
            return -1;
    return 0;
}
