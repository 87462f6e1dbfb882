/*
 * cpus.c: see cpus.h. The files are described in cgroups(7), in the kernel's "Control Group v2"
 * (cpu.max: "QUOTA PERIOD" or "max PERIOD", in microseconds) and "CFS Bandwidth Control" (version
 * 1: cpu.cfs_quota_us, -1 for none, and cpu.cfs_period_us).
 */
#include "cpus.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "linux_process.h"

#define LINE 1024

/* Where a hierarchy of groups is mounted, and which group stands at that place. */
struct mount {
    char point[LINE], group[LINE];
};

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* A line of /proc/self/mountinfo: ID PARENT DEVICE GROUP POINT OPTIONS ... - TYPE SOURCE OPTIONS
 * */
static bool parse_mount(const char *line, bool version_2, struct mount *mount)
{
    char type[64], options[LINE];
    const char *rest = strstr(line, " - ");
    if (rest == NULL ||
        sscanf(line, "%*s %*s %*s %1023s %1023s", mount->group, mount->point) != 2 ||
        sscanf(rest, " - %63s %*s %1023s", type, options) != 2)
        return false;
    return version_2 ? strcmp(type, "cgroup2") == 0
                     : strcmp(type, "cgroup") == 0 && has_word(options, "cpu");
}

static bool find_mount(const char *root, bool version_2, struct mount *mount)
{
    char line[3 * LINE];
    bool found = false;
    snprintf(line, sizeof line, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(line, "re");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
        found = parse_mount(line, version_2, mount);
    if (file != NULL)
        fclose(file);
    return found;
}

static bool read_numbers(const char *root, const char *directory, const char *name,
                         long *first, long *second)
{
    char path[2 * LINE];
    int length = snprintf(path, sizeof path, "%s%s/%s", root, directory, name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "re") : NULL;
    if (file == NULL)
        return false;
    int wanted = second != NULL ? 2 : 1;
    int got = second != NULL ? fscanf(file, "%ld %ld", first, second)
                             : fscanf(file, "%ld", first);
    fclose(file);
    return got == wanted; /* not for "max" */
}

/* Processors, rounded up; INT_MAX: no quota. */
static int quota_of(const char *root, const char *directory, bool version_2)
{
    long quota, period;
    bool found =
        version_2 ? read_numbers(root, directory, "cpu.max", &quota, &period)
                  : read_numbers(root, directory, "cpu.cfs_quota_us", &quota, NULL) &&
                        read_numbers(root, directory, "cpu.cfs_period_us", &period, NULL);
    if (!found || quota <= 0 || period <= 0 || quota / period >= INT_MAX)
        return INT_MAX;
    return (int)((quota + period - 1) / period);
}

/* The least quota of the group at `path` and of all above it. A group that is not below the
 * mounted one can't be seen from here: then the mounted one counts. */
static int least_quota(const char *root, bool version_2, const char *path)
{
    struct mount mount;
    char directory[2 * LINE];
    if (!find_mount(root, version_2, &mount))
        return INT_MAX;
    size_t length = strcmp(mount.group, "/") == 0 ? 0 : strlen(mount.group);
    bool below = strncmp(path, mount.group, length) == 0 &&
                 (path[length] == '/' || path[length] == '\0');
    snprintf(directory, sizeof directory, "%s%s", mount.point,
             below ? path + length : "");
    int least = INT_MAX;
    for (;;) {
        int quota = quota_of(root, directory, version_2);
        if (quota < least)
            least = quota;
        char *slash = strrchr(directory, '/');
        if (slash == NULL || strlen(directory) <= strlen(mount.point))
            return least;
        *slash = '\0';
    }
}

/* A line of /proc/self/cgroup: ID:CONTROLLERS:PATH; version 2 has ID 0 and no controllers. */
static int quota_of_line(const char *root, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL)
        return INT_MAX;
    *path++ = '\0';
    controllers++;
    bool version_2 = *controllers == '\0';
    return version_2 || has_word(controllers, "cpu") ? least_quota(root, version_2, path)
                                                     : INT_MAX;
}

int cpus_quota(const char *root)
{
    char line[2 * LINE];
    int least = INT_MAX, saved = errno;
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        int quota = quota_of_line(root, line);
        if (quota < least)
            least = quota;
    }
    if (file != NULL)
        fclose(file);
    errno = saved;
    return least < INT_MAX ? least : 0;
}

int cpus_allowed(void)
{
    int cpus = cpu_count(), quota = cpus_quota("");
    return quota > 0 && quota < cpus ? quota : cpus;
}
