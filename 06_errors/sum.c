/*
 * sum.c: see sum.h.
 */
#include "sum.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "crc.h"

static ssize_t read_some(int file, void *buffer, size_t size)
{
    ssize_t got;
    do
        got = read(file, buffer, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static int add_up(int file, struct sum *sum)
{
    static unsigned char buffer[128 * 1024];
    ssize_t size;
    *sum = (struct sum){.crc = 0};
    while ((size = read_some(file, buffer, sizeof buffer)) > 0) {
        sum->crc = crc_add(sum->crc, buffer, (size_t)size);
        sum->length += (uint64_t)size;
    }
    sum->crc = crc_finish(sum->crc, sum->length);
    return size == 0 ? 0 : -1;
}

int sum_up(const char *name, struct sum *sum)
{
    if (name == NULL)
        return add_up(STDIN_FILENO, sum);
    int file = open(name, O_RDONLY);
    if (file < 0)
        return -1;
    int returned = add_up(file, sum), error = errno;
    close(file);
    errno = error;
    return returned;
}
