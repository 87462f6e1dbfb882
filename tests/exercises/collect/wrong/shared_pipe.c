/* One pipe for all. */
#include "collect.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t collect(int children, struct record *records, size_t room)
{
    int ends[2];
    size_t size = 0;
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < children; i++)
        if (fork() == 0) {
            produce(i, ends[1]);
            _exit(0);
        }
    close(ends[1]);
    for (;;) {
        ssize_t count =
            read(ends[0], (char *)records + size, room * sizeof *records - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        size += (size_t)count;
    }
    close(ends[0]);
    while (wait(NULL) > 0)
        continue;
    return (ssize_t)(size / sizeof *records);
}
