/*
 * limits.c: what the machine can do at best, without any pool.
 *
 *     build/tests/bench/limits NAME WHAT WORKERS TASKS SIZE
 *
 * WHAT is one of
 *     cacheline  a cache line goes to the other core and back
 *     pipe       a byte goes through a pipe to another process, and one comes back
 *     memcpy     SIZE bytes are copied
 *     page       a page of SIZE bytes that processes can share is written to for the first time
 *     fork       WORKERS processes are forked that end at once; wait for them. TASKS times
 *     sleeper    the same, but each process reports that it exists, sleeps, and is woken to end:
 *                the least that a pool must do
 *     thread     as fork, with threads
 *     cpu        TASKS of SIZE nanoseconds, shared out by hand to WORKERS processes
 *     loops      how many loops of spin() a microsecond has
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "harness.h"

#define PARTS 100

static const char *name;
static int workers;
static size_t tasks, size;

static pid_t checked_fork(void)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    return pid;
}

static void wait_for_all(void)
{
    while (wait(NULL) > 0)
        continue;
}

/* Bind this process to the first or the second CPU that it may use; if there is only one, do
 * nothing. */
static void settle_on(int nth)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) != 0)
        die("sched_getaffinity");
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &may) && nth-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

/* Measured in parts, of which the median is taken, as a part may have been interrupted. */
static void cacheline(void)
{
    _Atomic size_t *line = shared_memory(4096);
    size_t turns = tasks / PARTS;
    if (checked_fork() == 0) {
        settle_on(1);
        for (size_t i = 0; i < PARTS * turns; i++) {
            while (atomic_load_explicit(line, memory_order_acquire) != 2 * i + 1)
                continue;
            atomic_store_explicit(line, 2 * i + 2, memory_order_release);
        }
        _exit(0);
    }
    settle_on(0);
    double seconds[PARTS];
    for (size_t part = 0; part < PARTS; part++) {
        double start = seconds_now();
        for (size_t i = part * turns; i < (part + 1) * turns; i++) {
            atomic_store_explicit(line, 2 * i + 1, memory_order_release);
            while (atomic_load_explicit(line, memory_order_acquire) != 2 * i + 2)
                continue;
        }
        seconds[part] = seconds_now() - start;
    }
    wait_for_all();
    row("cacheline", name, 2, turns, 64, percentile(seconds, PARTS, 0.5), "-");
}

static void through(int out, int in)
{
    char byte = 0;
    if (write(out, &byte, 1) != 1 || read(in, &byte, 1) != 1)
        die("pipe");
}

static void pipes(void)
{
    int there[2], back[2];
    char byte = 0;
    if (pipe(there) != 0 || pipe(back) != 0)
        die("pipe");
    if (checked_fork() == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1)
            if (write(back[1], &byte, 1) != 1)
                die("write");
        _exit(0);
    }
    for (int i = 0; i < 100; i++)
        through(there[1], back[0]);
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++)
        through(there[1], back[0]);
    double seconds = seconds_now() - start;
    close(there[1]);
    wait_for_all();
    close(there[0]);
    close(back[0]);
    close(back[1]);
    row("pipe", name, 2, tasks, 1, seconds, "-");
}

static void copying(void)
{
    char *from = malloc(size), *to = malloc(size);
    if (from == NULL || to == NULL)
        die("malloc");
    memset(from, 1, size);
    memset(to, 2, size);
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        from[i % size] = (char)i;
        memcpy(to, from, size);
    }
    double seconds = seconds_now() - start;
    if (memcmp(from, to, size) != 0)
        die("memcpy");
    free(from);
    free(to);
    row("memcpy", name, 1, tasks, size, seconds, "-");
}

static void touching(void)
{
    char *memory = shared_memory(tasks * size);
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++)
        memory[i * size] = 1;
    double seconds = seconds_now() - start;
    munmap(memory, tasks * size);
    row("page", name, 1, tasks, size, seconds, "-");
}

static void forking(void)
{
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        for (int w = 0; w < workers; w++)
            if (checked_fork() == 0)
                _exit(0);
        wait_for_all();
    }
    row("fork", name, workers, tasks, size, seconds_now() - start, "-");
}

/* The processes sleep in read() until the last write end is closed. */
static void sleepers(void)
{
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        int there[2], end[2];
        char byte = 0;
        if (pipe(there) != 0 || pipe(end) != 0)
            die("pipe");
        for (int w = 0; w < workers; w++)
            if (checked_fork() == 0) {
                close(end[1]);
                if (write(there[1], &byte, 1) != 1 || read(end[0], &byte, 1) != 0)
                    die("pipe");
                _exit(0);
            }
        for (int w = 0; w < workers; w++)
            if (read(there[0], &byte, 1) != 1)
                die("read");
        close(end[1]);
        wait_for_all();
        close(end[0]);
        close(there[0]);
        close(there[1]);
    }
    row("sleeper", name, workers, tasks, size, seconds_now() - start, "-");
}

static void *nothing(void *argument)
{
    return argument;
}

static void threading(void)
{
    pthread_t *threads = calloc((size_t)workers, sizeof *threads);
    if (threads == NULL)
        die("calloc");
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        for (int w = 0; w < workers; w++)
            if (pthread_create(&threads[w], NULL, nothing, NULL) != 0)
                die("pthread_create");
        for (int w = 0; w < workers; w++)
            pthread_join(threads[w], NULL);
    }
    free(threads);
    row("thread", name, workers, tasks, size, seconds_now() - start, "-");
}

static void cpu(void)
{
    _Atomic int *ready = shared_memory(2 * sizeof *ready);
    uint32_t loops = loops_for((double)size);
    for (int w = 0; w < workers; w++) {
        size_t share = tasks / (size_t)workers + ((size_t)w < tasks % (size_t)workers);
        if (checked_fork() == 0) {
            atomic_fetch_add(&ready[0], 1);
            while (atomic_load(&ready[1]) == 0)
                continue;
            volatile uint32_t result = 0;
            for (size_t i = 0; i < share; i++)
                result ^= spin(loops);
            _exit(0);
        }
    }
    while (atomic_load(&ready[0]) < workers)
        sched_yield();
    double start = seconds_now();
    atomic_store(&ready[1], 1);
    wait_for_all();
    row("cpu", name, workers, tasks, size, seconds_now() - start, "-");
}

static void count_loops(void)
{
    double best = 1e9;
    for (int i = 0; i < 20; i++) {
        double start = seconds_now();
        volatile uint32_t result = spin(1000000);
        (void)result;
        double seconds = seconds_now() - start;
        best = seconds < best ? seconds : best;
    }
    row("loops", name, 1, 1000000, 0, best, "per_us=%.1f", 1000000 / (best * 1e6));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *what;
        void (*measure)(void);
    } limit[] = {{"cacheline", cacheline}, {"pipe", pipes},   {"memcpy", copying},
                 {"page", touching},       {"fork", forking}, {"sleeper", sleepers},
                 {"thread", threading},    {"cpu", cpu},      {"loops", count_loops}};
    if (argc == 6) {
        name = argv[1];
        workers = (int)number(argv[3]);
        tasks = number(argv[4]);
        size = number(argv[5]);
        for (size_t i = 0; i < sizeof limit / sizeof *limit; i++)
            if (strcmp(argv[2], limit[i].what) == 0)
                return limit[i].measure(), 0;
    }
    fprintf(stderr, "usage: %s NAME WHAT WORKERS TASKS SIZE\n", argv[0]);
    return 2;
}
