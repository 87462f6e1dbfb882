/* One child whose threads produce, in place of a child for each. */
#include "collect.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int files[64];

static void *thread(void *argument)
{
    int child = (int)(intptr_t)argument;
    produce(child, files[child]);
    return NULL;
}

ssize_t collect(int children, struct record *records, size_t room)
{
    size_t count = 0;
    for (int i = 0; i < children; i++)
        files[i] = memfd_create("records", 0);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t threads[64];
        for (intptr_t i = 0; i < children; i++)
            pthread_create(&threads[i], NULL, thread, (void *)i);
        for (int i = 0; i < children; i++)
            pthread_join(threads[i], NULL);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    for (int i = 0; i < children; i++) {
        ssize_t size =
            pread(files[i], &records[count], (room - count) * sizeof *records, 0);
        count += size > 0 ? (size_t)size / sizeof *records : 0;
        close(files[i]);
    }
    return pid < 0 ? -1 : (ssize_t)count;
}
