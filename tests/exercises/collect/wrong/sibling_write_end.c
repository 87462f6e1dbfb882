/* All pipes first; so each child has all of them. */
#include "collect.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t collect(int children, struct record *records, size_t room)
{
    int ends[64][2];
    size_t size = 0;
    for (int i = 0; i < children; i++)
        if (pipe(ends[i]) != 0)
            return -1;
    for (int i = 0; i < children; i++)
        if (fork() == 0) {
            close(ends[i][0]);
            produce(i, ends[i][1]);
            _exit(0);
        }
    for (int i = 0; i < children; i++)
        close(ends[i][1]);
    for (int i = 0; i < children; i++) {
        for (;;) {
            ssize_t count =
                read(ends[i][0], (char *)records + size, room * sizeof *records - size);
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                break;
            size += (size_t)count;
        }
        close(ends[i][0]);
    }
    while (wait(NULL) > 0)
        continue;
    return (ssize_t)(size / sizeof *records);
}
