/* A file in memory for each child in place of a pipe, read when the child has ended. */
#include "collect.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t collect(int children, struct record *records, size_t room)
{
    int files[64];
    pid_t pids[64];
    size_t count = 0;
    int failed = 0;
    for (int i = 0; i < children; i++) {
        files[i] = memfd_create("records", 0);
        pids[i] = fork();
        if (pids[i] == 0) {
            produce(i, files[i]);
            _exit(0);
        }
        failed = failed || pids[i] < 0;
    }
    for (int i = 0; i < children; i++) {
        while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
            continue;
        ssize_t size =
            pread(files[i], &records[count], (room - count) * sizeof *records, 0);
        count += size > 0 ? (size_t)size / sizeof *records : 0;
        close(files[i]);
    }
    return failed ? -1 : (ssize_t)count;
}
