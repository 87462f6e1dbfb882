/*
 * solution.c: exercise 9, the reference.
 */
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
    struct pollfd busy[HALL_MOST];
    size_t at[HALL_MOST]; /* which item each worker has */
    size_t next = 0, done = 0;
    nfds_t workers = (nfds_t)hall->workers;
    for (nfds_t i = 0; i < workers; i++)
        busy[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    while (done < count) {
        /* Only to those that have nothing: they read. */
        for (nfds_t i = 0; i < workers && next < count; i++) {
            if (busy[i].fd >= 0)
                continue;
            if (!write_item(hall->to[i], &inputs[next]))
                return -1;
            busy[i].fd = hall->from[i];
            at[i] = next++;
        }
        if (poll(busy, workers, -1) < 0) {
            if (errno != EINTR)
                return -1;
            continue;
        }
        for (nfds_t i = 0; i < workers; i++) {
            if (busy[i].fd < 0 || busy[i].revents == 0)
                continue;
            if (!read_item(hall->from[i], &results[at[i]]))
                return -1;
            busy[i].fd = -1;
            done++;
        }
    }
    return 0;
}
