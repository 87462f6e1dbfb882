/* The loop that reads is inside of the loop that starts. */
#include "collect.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct producer {
    pid_t pid;
    int from; /* its records come out here */
};

static bool start(struct producer *producer, int child)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    producer->pid = fork();
    if (producer->pid == 0) {
        close(ends[0]);
        produce(child, ends[1]);
        _exit(0);
    }
    /* Now, and not later: as long as the parent could write, the pipe has no end. And the next
     * child would inherit it. */
    close(ends[1]);
    producer->from = ends[0];
    if (producer->pid < 0)
        close(ends[0]);
    return producer->pid > 0;
}

/* Read to the end; how many bytes, or -1. */
static ssize_t read_all(int from, char *to, size_t room)
{
    size_t size = 0;
    for (;;) {
        ssize_t count = read(from, to + size, room - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -1 : (ssize_t)size;
        size += (size_t)count;
    }
}

ssize_t collect(int children, struct record *records, size_t room)
{
    struct producer *producers = malloc((size_t)children * sizeof *producers);
    int started = 0;
    size_t count = 0;
    bool ok = producers != NULL;
    while (ok && started < children) {
        int i = started;
        ok = start(&producers[started], started);
        started += ok;
        ssize_t size = read_all(producers[i].from, (char *)(records + count),
                                (room - count) * sizeof *records);
        close(producers[i].from);
        while (waitpid(producers[i].pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        ok = ok && size >= 0 && size % (ssize_t)sizeof *records == 0;
        count += ok ? (size_t)size / sizeof *records : 0;
    }
    free(producers);
    return ok ? (ssize_t)count : -1;
}
