/*
 * smallest_future.c: a future with nothing under it. Each task is a process of its own, its
 * result has a place in shared memory, and to wait for it is to wait for the process.
 *
 * What it can do and locked_pool.c can't: wait for one task, when its result is needed.
 *     build/04_futures/smallest_future
 * What it still can't do:
 *     build/04_futures/smallest_future cost     be cheap: it forks for each task
 *     build/04_futures/smallest_future order    give whichever result is there first
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE "usage: smallest_future [cost | order]\n"
#define MANY  200

struct future {
    pid_t process; /* it has the task; 0 when it has ended */
    size_t *result;
};

static size_t *places; /* for results: the processes of the tasks see them, too */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The article's task: print a word, return its length. */
static size_t work(const char *text)
{
    puts(text);
    fflush(stdout);
    return strlen(text);
}

/* Return its argument, after as many tenths of a second. */
static size_t doze(const char *text)
{
    struct timespec time = {0, (*text - '0') * 100000000L};
    nanosleep(&time, NULL);
    return (size_t)(*text - '0');
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

static void show_cost(void)
{
    double start = now();
    for (int i = 0; i < MANY; i++) {
        struct future future = submit(doze, "0");
        result(&future);
    }
    printf("%d tasks with nothing to do took %.2fs: a process for each\n", MANY,
           now() - start);
}

static void show_order(void)
{
    double start = now();
    struct future futures[] = {submit(doze, "6"), submit(doze, "2"), submit(doze, "4")};
    for (int i = 0; i < 3; i++) {
        double tenths = (double)result(&futures[i]);
        printf("A task of %.1fs: its result after %.1fs\n", tenths / 10, now() - start);
    }
}

static void show_one(void)
{
    struct future future = submit(work, "hello");
    show("submitted", &future);
    printf("result: %zu\n", result(&future));
    show("after that", &future);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "one";
    int cost = strcmp(word, "cost") == 0, order = strcmp(word, "order") == 0;
    if (argc > 2 || (argc == 2 && !cost && !order)) {
        int help = strcmp(word, "--help") == 0;
        return fputs(USAGE, help ? stdout : stderr), help ? 0 : 2;
    }
    places = mmap(NULL, MANY * sizeof *places, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (places == MAP_FAILED)
        return perror("smallest_future: cannot map memory"), 1;
    cost ? show_cost() : order ? show_order() : show_one();
    if (fflush(stdout) != 0 || ferror(stdout))
        return perror("smallest_future: cannot write the output"), 1;
    return 0;
}
