/*
 * proc.c: see proc.h.
 */
#include "proc.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define ORPHANS_END  1    /* seconds: a promise of the pool */
#define LONGEST_LOOK 0.05 /* seconds: one look and the sleep behind it take less */

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

void process_name(pid_t pid, char *name, size_t size)
{
    char path[64];
    snprintf(name, size, "gone");
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    if (fgets(name, (int)size, file) != NULL)
        name[strcspn(name, "\n")] = '\0';
    fclose(file);
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

/* Read the children's process ids as a string, each followed by a space. */
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
        count += *c == ' ';
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

void adopt_orphans(void)
{
    /* EINVAL: qemu's user mode lacks this call; there, platforms.sh checks the session instead. */
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 || errno == EINVAL, "prctl");
}

pid_t start_apart(void (*body)(void *), void *argument)
{
    adopt_orphans();
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

/* Returns the process that ended before guard(seconds) was over; 0: none did; -1: there is no such
 * child. Takes what it waited from *left, which is guard(seconds) at first. While this process
 * can't look, for the whole machine stands still, no time passes; and there is more of it if the
 * machine has become slower than it was measured to be. */
static pid_t wait_within(pid_t which, double seconds, double *left, int *status)
{
    double last = seconds_now();
    for (;;) {
        pid_t pid = waitpid(which, status, WNOHANG);
        if (pid != 0)
            return pid;
        if (*left < 0 && (*left += guard_more(seconds)) < 0)
            return waitpid(which, status, WNOHANG);
        sleep_for(0.0005);
        double now = seconds_now();
        *left -= now - last < LONGEST_LOOK ? now - last : LONGEST_LOOK;
        last = now;
    }
}

/* Print what is left, and kill it: a failing test leaves no process behind. */
static void name_survivors(void)
{
    char list[4096], name[64];
    read_children(getpid(), list, sizeof list);
    for (char *at = list; *at != '\0';) {
        char *end;
        pid_t pid = (pid_t)strtol(at, &end, 10);
        if (end == at)
            break;
        process_name(pid, name, sizeof name);
        fprintf(stderr, "left behind: process %ld, %s\n", (long)pid, name);
        kill(pid, SIGKILL);
        at = end;
    }
}

void await_orphans(pid_t child)
{
    int status;
    double left = guard(ORPHANS_END);
    for (;;) {
        pid_t pid = wait_within(-1, ORPHANS_END, &left, &status);
        if (pid < 0)
            return;
        if (pid == 0) {
            name_survivors();
            FAIL("waited for the descendants of process %ld: not all ended within %.1f s",
                 (long)child, guard(ORPHANS_END));
        }
    }
}

int end_apart(pid_t child, double seconds)
{
    int status;
    double left = guard(seconds);
    /* Only this child; await_orphans() reaps what it left, in whatever order that ends. */
    if (wait_within(child, seconds, &left, &status) != child) {
        kill(child, SIGKILL);
        FAIL("waited for process %ld: it did not end within %.1f s", (long)child,
             guard(seconds));
    }
    await_orphans(child);
    return status;
}

int run_apart(void (*body)(void *), void *argument, double seconds)
{
    return end_apart(start_apart(body, argument), seconds);
}
