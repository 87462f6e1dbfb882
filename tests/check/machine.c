/*
 * machine.c: see machine.h.
 */
#include "machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

/* An ordinary machine, two quiet cores of a virtual machine, needs no more than this. */
static const struct machine ordinary = {
    .fork = 400e-6, .swap = 20e-6, .fault = 4e-6, .compute = 40e-3};

#define FORKS   30
#define SWAPS   300
#define PAGES   1024
#define ROUNDS  20000000
#define SLOWEST 100

static double measure_fork(void)
{
    double start = seconds_now();
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        if (child > 0)
            waitpid(child, NULL, 0);
    }
    return (seconds_now() - start) / FORKS;
}

/* Send a byte back and forth. If both processes share a CPU, each way is one switch. */
static double measure_swap(void)
{
    int there[2], back[2];
    char byte = 0;
    if (pipe(there) != 0)
        return 0;
    if (pipe(back) != 0) {
        close(there[0]), close(there[1]);
        return 0;
    }
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
            continue;
        _exit(0);
    }
    double start = seconds_now();
    for (int i = 0; child > 0 && i < SWAPS; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            break;
    double seconds = seconds_now() - start;
    close(there[0]), close(there[1]), close(back[0]), close(back[1]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return seconds / (2 * SWAPS);
}

static double measure_fault(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    volatile char *memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 0;
    double start = seconds_now();
    for (size_t i = 0; i < PAGES; i++)
        memory[i * page] = 1;
    double seconds = seconds_now() - start;
    munmap((void *)memory, PAGES * page);
    return seconds / PAGES;
}

/* Each multiplication needs the result of the one before, so no optimizer can shorten the loop. */
static double measure_compute(void)
{
    volatile uint64_t sink;
    uint64_t x = 1;
    double start = seconds_now();
    for (int i = 0; i < ROUNDS; i++)
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    sink = x;
    (void)sink;
    return seconds_now() - start;
}

struct machine machine_measure(void)
{
    return (struct machine){.fork = measure_fork(),
                            .swap = measure_swap(),
                            .fault = measure_fault(),
                            .compute = measure_compute()};
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

double machine_factor(const struct machine *machine)
{
    double most = larger(
        larger(machine->fork / ordinary.fork, machine->swap / ordinary.swap),
        larger(machine->fault / ordinary.fault, machine->compute / ordinary.compute));
    return most < 1 ? 1 : most > SLOWEST ? SLOWEST : most;
}

double guard_factor(void)
{
    const char *text = getenv("MACHINE_FACTOR");
    double factor = text != NULL ? strtod(text, NULL) : 1;
    return factor >= 1 ? factor : 1;
}

double guard(double seconds)
{
    return seconds * guard_factor();
}

const char *machine_text(void)
{
    const char *text = getenv("MACHINE");
    return text != NULL ? text : "not measured";
}

static void measure(void)
{
    char text[200], factor[32];
    struct machine machine = machine_measure();
    if (machine_factor(&machine) <= guard_factor() && getenv("MACHINE") != NULL)
        return;
    snprintf(factor, sizeof factor, "%.2f", machine_factor(&machine));
    snprintf(text, sizeof text,
             "fork %.0f us, switch %.1f us, page fault %.2f us, computation %.0f ms; "
             "guards x %s",
             machine.fork * 1e6, machine.swap * 1e6, machine.fault * 1e6,
             machine.compute * 1e3, factor);
    setenv("MACHINE_FACTOR", factor, 1);
    setenv("MACHINE", text, 1);
}

double guard_more(double seconds)
{
    double before = guard(seconds);
    measure();
    return guard(seconds) - before;
}

/* Before main(): the program has no children yet that this could reap by mistake. */
__attribute__((constructor)) static void measure_once(void)
{
    if (getenv("MACHINE_FACTOR") == NULL)
        measure();
}
