/*
 * fork.c: a process for each task, as many at a time as there would be workers. The result
 * comes back in shared memory.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"

static int at_most, running;

static void fork_open(int workers)
{
    at_most = workers;
}

static void wait_for_one(void)
{
    if (wait(NULL) < 0)
        die("wait");
    running--;
}

static pid_t child(void)
{
    if (running == at_most)
        wait_for_one();
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    running += pid != 0;
    return pid;
}

static void submit(struct job *jobs, size_t count)
{
    int *results = shared_memory(count * sizeof *results);
    for (size_t i = 0; i < count; i++) {
        jobs[i].handle = &results[i];
        results[i] = -1;
        if (child() == 0) {
            job_run(&jobs[i]);
            results[i] = jobs[i].result;
            _exit(0);
        }
    }
}

/* Not unmapped, as only a part of the jobs may have been collected. The program ends soon. */
static void collect(struct job *jobs, size_t count)
{
    while (running > 0)
        wait_for_one();
    for (size_t i = 0; i < count; i++)
        jobs[i].result = *(int *)jobs[i].handle;
}

static void fork_close(void)
{
}

static void data(work_function *work, const void *argument, size_t argument_size,
                 size_t result_size, void (*use)(const void *result))
{
    (void)argument_size; /* the child has a copy of everything */
    void *result = shared_memory(result_size);
    if (child() == 0)
        _exit(work((void *)(uintptr_t)argument, result));
    wait_for_one();
    use(result);
    munmap(result, result_size);
}

const struct peer peer = {fork_open, submit, collect, fork_close, data};
