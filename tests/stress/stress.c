/*
 * stress.c: see stress.h.
 */
#include "stress.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct pool *watched;
char stress_context[128];

_Noreturn void stress_fail(const char *file, int line, const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fprintf(stderr, "%s:%d: %s: ", file, line,
            stress_context[0] != '\0' ? stress_context : "failed");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, " (errno: %s)\n", strerror(error));
    va_end(arguments);
    if (watched != NULL)
        pool_print(watched, stderr);
    fflush(stderr);
    _exit(1);
}

/* Not async-signal-safe, and it need not be: the program is lost anyhow. */
static void bite(int number)
{
    (void)number;
    errno = ETIMEDOUT;
    FAIL("the watchdog: it hangs");
}

void watchdog(unsigned seconds, struct pool *pool)
{
    watched = pool;
    signal(SIGALRM, bite);
    alarm(seconds);
}

/* splitmix64, by Sebastiano Vigna, in the public domain. */
uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_below(uint64_t *state, uint64_t limit)
{
    return random_next(state) % limit;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sleep_for(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

char process_state(pid_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    fclose(file);
    return state;
}

void *share(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED, "cannot map %zu bytes", size);
    return memory;
}

static int count_descriptors(pid_t pid)
{
    int count = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *directory = opendir(path);
    CHECK(directory != NULL, "cannot read %s", path);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2 - (pid == getpid()); /* ".", "..", and the directory itself */
}

static FILE *open_proc(pid_t pid, const char *name)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL, "cannot read %s", path);
    return file;
}

struct holdings holdings_of(pid_t pid)
{
    struct holdings holdings = {.descriptors = count_descriptors(pid)};
    char line[4096];
    FILE *maps = open_proc(pid, "maps");
    while (fgets(line, sizeof line, maps) != NULL)
        if (strstr(line, "/dev/zero (deleted)") != NULL)
            holdings.mappings++;
    fclose(maps);
    long size, resident;
    FILE *statm = open_proc(pid, "statm");
    CHECK(fscanf(statm, "%ld %ld", &size, &resident) == 2, "cannot read statm");
    fclose(statm);
    holdings.resident = resident * (sysconf(_SC_PAGESIZE) / 1024);
    return holdings;
}

struct holdings holdings_now(void)
{
    return holdings_of(getpid());
}

bool is_traced(pid_t pid)
{
    char line[256];
    long tracer = 0;
    FILE *status = open_proc(pid, "status");
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "TracerPid: %ld", &tracer) == 1)
            break;
    fclose(status);
    return tracer != 0;
}

/* As a list of numbers. */
static void read_children(pid_t pid, char *list, size_t size)
{
    char name[64];
    snprintf(name, sizeof name, "task/%ld/children", (long)pid);
    FILE *file = open_proc(pid, name);
    list[fread(list, 1, size - 1, file)] = '\0';
    fclose(file);
}

bool has_children(pid_t pid)
{
    char list[4096];
    read_children(pid, list, sizeof list);
    return list[0] != '\0';
}

int count_children(pid_t pid)
{
    char list[4096];
    int count = 0;
    read_children(pid, list, sizeof list);
    for (const char *c = list; *c != '\0'; c++)
        count += *c == ' '; /* behind each */
    return count;
}

void check_nothing_left(const struct holdings *before)
{
    struct holdings now = holdings_now();
    CHECK(now.descriptors == before->descriptors, "descriptors: %d before, %d now",
          before->descriptors, now.descriptors);
    CHECK(now.mappings == before->mappings, "shared mappings: %d before, %d now",
          before->mappings, now.mappings);
    int status;
    pid_t child = waitpid(-1, &status, WNOHANG);
    CHECK(child < 0 && errno == ECHILD, "a child is left: %s",
          child > 0 ? "dead" : "alive");
}

pid_t start_apart(void (*body)(void *), void *argument)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0, "cannot fork");
    if (child == 0) {
        prctl(PR_SET_CHILD_SUBREAPER, 0);
        setsid();
        body(argument);
        fflush(NULL);
        _exit(0);
    }
    return child;
}

/* Of any child that ends within that time; 0: none does; -1: there is none. */
static pid_t wait_until(pid_t which, double end, int *status)
{
    for (;;) {
        pid_t pid = waitpid(which, status, WNOHANG);
        if (pid != 0)
            return pid;
        if (seconds_now() > end)
            return 0;
        sleep_for(0.0005);
    }
}

/* Those who are left, for the message; killed, so that a failing test leaves nobody. */
static void name_survivors(void)
{
    char path[64], list[4096];
    read_children(getpid(), list, sizeof list);
    for (char *at = list; *at != '\0';) {
        char name[64] = "?\n";
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at)
            break;
        snprintf(path, sizeof path, "/proc/%ld/comm", pid);
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            if (fgets(name, sizeof name, file) == NULL)
                strcpy(name, "gone\n");
            fclose(file);
        }
        fprintf(stderr, "left behind: process %ld, %s", pid, name);
        kill((pid_t)pid, SIGKILL);
        at = end;
    }
}

void await_orphans(pid_t child)
{
    int status;
    double end = seconds_now() + 1;
    for (;;) {
        pid_t pid = wait_until(-1, end, &status);
        if (pid < 0)
            return;
        if (pid == 0) {
            name_survivors();
            FAIL("somebody survived process %ld by more than a second", (long)child);
        }
    }
}

int end_apart(pid_t child, double seconds)
{
    int status;
    /* Whom it leaves behind is ours to wait for, in whatever order they end. */
    if (wait_until(child, seconds_now() + seconds, &status) != child) {
        kill(child, SIGKILL);
        FAIL("process %ld did not end within %.1f s", (long)child, seconds);
    }
    await_orphans(child);
    return status;
}

int run_apart(void (*body)(void *), void *argument, double seconds)
{
    return end_apart(start_apart(body, argument), seconds);
}

static bool chosen(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 1;
}

/* In a process of its own, started by one of its own: a check that fails ends only that. */
static void run_case(void *one)
{
    int status = run_apart(((const struct stress_case *)one)->run, NULL, 20);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1);
}

int run_cases(const struct stress_case *cases, size_t count, int argc, char **argv)
{
    int failed = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        if (!chosen(argc, argv, cases[i].name))
            continue;
        double start = seconds_now();
        snprintf(stress_context, sizeof stress_context, "%s", cases[i].name);
        bool good = run_apart(run_case, (void *)(uintptr_t)&cases[i], 25) == 0;
        printf("%s %s (%.2f s)\n", good ? "ok    " : "FAILED", cases[i].name,
               seconds_now() - start);
        fflush(stdout);
        failed += !good;
        run++;
    }
    return failed != 0 || run == 0;
}
