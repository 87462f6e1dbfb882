/*
 * pipe.c: workers that read their tasks from one pipe, as in 03_pool/smallest_pool.c, and
 * write the results to another.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"

#define SMALLEST_PIPE 4096

struct order {
    work_function *work; /* NULL: a task with large data; see below */
    size_t number;
    int value; /* the argument on the way out, the result on the way back */
};

static struct { /* the parameters of a task with large data */
    work_function *work;
    size_t argument_size, result_size;
} header;

static int tasks[2], results[2];
static struct job *all;
static size_t returned, submitted;

static void write_all(int file, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, (const char *)data + done, size - done);
        if (count < 0)
            die("write");
        done += (size_t)count;
    }
}

static void read_all(int file, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = read(file, (char *)data + done, size - done);
        if (count <= 0)
            die("read");
        done += (size_t)count;
    }
}

/* Only for a pool with one worker: with several, a task must be read in a single read(). */
static void work_on_data(void)
{
    read_all(tasks[0], &header, sizeof header);
    char *argument = malloc(header.argument_size), *result = malloc(header.result_size);
    if (argument == NULL || result == NULL)
        die("malloc");
    read_all(tasks[0], argument, header.argument_size);
    header.work(argument, result);
    write_all(results[1], result, header.result_size);
    free(argument);
    free(result);
}

static void work(void)
{
    struct order order;
    while (read(tasks[0], &order, sizeof order) == sizeof order) {
        if (order.work == NULL) {
            work_on_data();
            continue;
        }
        int result;
        order.work(&order.value, &result);
        order.value = result;
        write_all(results[1], &order, sizeof order);
    }
}

static void pipe_open(int workers)
{
    if (pipe(tasks) != 0 || pipe(results) != 0)
        die("pipe");
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid < 0)
            die("fork");
        if (pid == 0) {
            close(tasks[1]); /* else the worker would never see end of file */
            close(results[0]);
            work();
            _exit(0);
        }
    }
    close(tasks[0]);
    close(results[1]);
}

static void take_results(void)
{
    struct order orders[64];
    ssize_t size =
        read(results[0], orders, sizeof orders); /* written whole, so read whole */
    if (size <= 0)
        die("read");
    for (size_t i = 0; i < (size_t)size / sizeof *orders; i++)
        all[orders[i].number].result = orders[i].value;
    returned += (size_t)size / sizeof *orders;
}

/* At most as many tasks in flight as either pipe can hold, so that no process waits forever. */
static void submit(struct job *jobs, size_t count)
{
    all = jobs;
    returned = 0;
    submitted = count;
    for (size_t i = 0; i < count; i++) {
        struct order order = {jobs[i].work, i, jobs[i].argument};
        while (i - returned >= SMALLEST_PIPE / sizeof order)
            take_results();
        write_all(tasks[1], &order, sizeof order);
    }
}

static void collect(struct job *jobs, size_t count)
{
    (void)jobs;
    (void)count;
    while (returned < submitted)
        take_results();
}

static void pipe_close(void)
{
    close(tasks[1]);
    close(results[0]);
    while (wait(NULL) > 0)
        continue;
}

static void data(work_function *function, const void *argument, size_t argument_size,
                 size_t result_size, void (*use)(const void *result))
{
    struct order order = {NULL, 0, 0};
    char *result = malloc(result_size);
    if (result == NULL)
        die("malloc");
    header.work = function;
    header.argument_size = argument_size;
    header.result_size = result_size;
    write_all(tasks[1], &order, sizeof order);
    write_all(tasks[1], &header, sizeof header);
    write_all(tasks[1], argument, argument_size);
    read_all(results[0], result, result_size);
    use(result);
    free(result);
}

const struct peer peer = {pipe_open, submit, collect, pipe_close, data};
