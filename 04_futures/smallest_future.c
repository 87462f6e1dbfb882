/*
 * smallest_future.c: a future without a pool. Each task is a process of its own, its
 * result has a place in shared memory, and to wait for it is to wait for the process.
 *
 * What it can do and locked_pool.c can't: wait for one task, when its result is needed.
 *     build/04_futures/smallest_future
 * What it still can't do:
 *     build/04_futures/cost                     be cheap: it forks for each task
 *     build/04_futures/smallest_future order    give whichever result is there first
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct future {
    pid_t process; /* it has the task; 0 once it was waited for */
    size_t *result;
};

static size_t *places; /* for results: the processes of the tasks see them, too */

/* The article's task, print a word and return its length, after 0.1 s for each letter. */
static size_t work(const char *word)
{
    nanosleep(&(struct timespec){0, (long)strlen(word) * 100000000}, NULL);
    puts(word);
    fflush(stdout);
    return strlen(word);
}

static struct future submit(size_t (*function)(const char *), const char *argument)
{
    struct future future = {.result = places++};
    future.process = fork();
    if (future.process == 0) {
        *future.result = function(argument);
        _exit(0);
    }
    return future;
}

static size_t result(struct future *future)
{
    if (future->process != 0)
        waitpid(future->process, NULL, 0);
    future->process = 0;
    return *future->result;
}

static void show(const char *when, const struct future *future)
{
    printf("%s: <Future at %p state=%s>\n", when, (void *)future->result,
           future->process != 0 ? "running" : "finished");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int order = argc == 2 && strcmp(argv[1], "order") == 0;
    int help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !order)
        return fputs("usage: smallest_future [order]\n", help ? stdout : stderr),
               help ? 0 : 2;
    places = mmap(NULL, 3 * sizeof *places, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (places == MAP_FAILED)
        return perror("smallest_future: cannot map memory"), 1;
    if (order) {
        struct future futures[] = {submit(work, "future"), submit(work, "is"),
                                   submit(work, "here")};
        for (int i = 0; i < 3; i++)
            printf("result: %zu\n", result(&futures[i]));
    } else {
        struct future future = submit(work, "hello");
        show("submitted", &future);
        printf("result: %zu\n", result(&future));
        show("after that", &future);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return perror("smallest_future: cannot write the output"), 1;
    return 0;
}
