/*
 * procfs.c: see procfs.h.
 */
#include "procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read a file of /proc as a string; its length, 0 if it is gone. */
static size_t read_proc(const char *path, char *text, size_t room)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t count = read(file, text, room - 1);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    return count > 0 ? (size_t)count : 0;
}

/* "123 (name) S 1 ...": the name may hold anything, so look for the last bracket. */
static bool read_stat(pid_t pid, struct process *member)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if (read_proc(path, text, sizeof text) == 0)
        return false;
    char *name = strchr(text, '('), *end = strrchr(text, ')');
    if (name == NULL || end == NULL)
        return false;
    *end = '\0';
    unsigned long user, system, pages;
    long parent;
    if (sscanf(end + 1,
               " %c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d "
               "%*d %*u %*u %lu",
               &member->state, &parent, &user, &system, &pages) != 5)
        return false;
    member->pid = pid;
    member->parent = (pid_t)parent;
    member->cpu = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    member->pages = pages;
    snprintf(member->name, sizeof member->name, "%.31s", name + 1);
    return true;
}

/* Every process of the machine; the caller frees the list. */
static size_t all_processes(struct process **list)
{
    size_t count = 0, room = 0;
    *list = NULL;
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (count == room) {
            room = room == 0 ? 512 : room * 2;
            struct process *larger = realloc(*list, room * sizeof **list);
            if (larger == NULL)
                break;
            *list = larger;
        }
        if (read_stat((pid_t)atol(entry->d_name), &(*list)[count]))
            count++;
    }
    closedir(proc);
    return count;
}

/* Look through all processes of the machine. */
static size_t search_all(pid_t ancestor, struct process members[PROCESS_ROOM])
{
    struct process *list;
    size_t count = all_processes(&list), found = 0;
    bool *taken = calloc(count + 1, sizeof *taken);
    /* A child may be listed before its parent, so go on until none is added. */
    for (bool more = taken != NULL; more;) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            bool ours = list[i].parent == ancestor;
            for (size_t k = 0; k < found && k < PROCESS_ROOM && !ours; k++)
                ours = list[i].parent == members[k].pid;
            if (!ours || taken[i])
                continue;
            taken[i] = more = true;
            if (found < PROCESS_ROOM)
                members[found] = list[i];
            found++;
        }
    }
    free(taken);
    free(list);
    return found;
}

/* Add the children of one of a process's threads. False: the kernel has no such list. */
static bool add_children(pid_t pid, const char *thread, struct process *members,
                         size_t *found)
{
    char path[300], text[8192], *rest = text;
    snprintf(path, sizeof path, "/proc/%ld/task/%s/children", (long)pid, thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return access("/proc/thread-self/children", R_OK) == 0; /* or it has gone */
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    for (char *end; *found < PROCESS_ROOM; rest = end) {
        long child = strtol(rest, &end, 10);
        if (end == rest)
            break;
        if (read_stat((pid_t)child, &members[*found]))
            (*found)++;
    }
    return true;
}

/* Follow the kernel's lists of children, which costs nothing for the rest of the machine. */
static bool follow(pid_t ancestor, struct process *members, size_t *found)
{
    bool good = true;
    *found = 0;
    for (size_t next = 0; next <= *found && good; next++) {
        pid_t pid = next == 0 ? ancestor : members[next - 1].pid;
        char path[64];
        snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
        DIR *threads = opendir(path);
        for (struct dirent *entry;
             threads != NULL && good && (entry = readdir(threads)) != NULL;)
            if (isdigit((unsigned char)*entry->d_name))
                good = add_children(pid, entry->d_name, members, found);
        if (threads != NULL)
            closedir(threads);
    }
    return good;
}

size_t descendants(pid_t ancestor, struct process members[PROCESS_ROOM])
{
    static bool no_lists;
    size_t found;
    if (!no_lists && follow(ancestor, members, &found))
        return found;
    no_lists = access("/proc/thread-self/children", R_OK) != 0;
    return search_all(ancestor, members);
}

bool process_lives(pid_t pid)
{
    struct process member;
    return read_stat(pid, &member) && member.state != 'Z' && member.state != 'X';
}

char process_state(pid_t pid)
{
    struct process process;
    return read_stat(pid, &process) ? process.state : '\0';
}

pid_t process_parent(pid_t pid)
{
    struct process member;
    return read_stat(pid, &member) ? member.parent : 0;
}

double process_cpu(pid_t pid)
{
    struct process process;
    return read_stat(pid, &process) ? process.cpu : 0;
}

long process_sleeps(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    read_proc(path, text, sizeof text);
    const char *line = strstr(text, "\nvoluntary_ctxt_switches:");
    return line != NULL ? atol(strchr(line, ':') + 1) : 0;
}

pid_t process_own_id(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    read_proc(path, text, sizeof text);
    char *line = strstr(text, "\nNSpid:");
    if (line == NULL)
        return pid;
    line[1 + strcspn(line + 1, "\n")] = '\0';
    return (pid_t)atol(strrchr(line, '\t') + 1);
}

/* Its real user id and its threads. False: it is gone. */
static bool read_owner(const char *pid, uid_t *user, size_t *threads)
{
    char path[300], text[4096];
    snprintf(path, sizeof path, "/proc/%s/status", pid);
    if (!isdigit((unsigned char)*pid) || read_proc(path, text, sizeof text) == 0)
        return false;
    const char *owner = strstr(text, "\nUid:"), *count = strstr(text, "\nThreads:");
    *user = owner != NULL ? (uid_t)atol(owner + 5) : 0;
    *threads = count != NULL ? (size_t)atol(count + 9) : 0;
    return owner != NULL && count != NULL;
}

size_t processes_of(uid_t user)
{
    size_t count = 0, threads;
    uid_t owner;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;)
        if (read_owner(entry->d_name, &owner, &threads) && owner == user)
            count += threads;
    if (proc != NULL)
        closedir(proc);
    return count;
}

size_t signal_user(uid_t user, int signal_number)
{
    size_t count = 0, threads;
    uid_t owner;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;) {
        struct process one;
        pid_t pid = (pid_t)atol(entry->d_name);
        if (!read_owner(entry->d_name, &owner, &threads) || owner != user ||
            !read_stat(pid, &one) || one.state == 'Z' ||
            (signal_number == SIGSTOP && one.state == 'T'))
            continue;
        kill(pid, signal_number);
        count++;
    }
    if (proc != NULL)
        closedir(proc);
    return count;
}

static int by_number(const void *a, const void *b)
{
    const struct descriptor *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

size_t descriptors(pid_t pid, struct descriptor list[DESCRIPTOR_ROOM])
{
    char path[300], text[512];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *directory = opendir(path);
    for (struct dirent *entry;
         directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]) || count == DESCRIPTOR_ROOM)
            continue;
        struct descriptor *one = &list[count];
        snprintf(path, sizeof path, "/proc/%ld/fd/%s", (long)pid, entry->d_name);
        ssize_t length = readlink(path, one->target, sizeof one->target - 1);
        if (length < 0)
            continue;
        one->target[length] = '\0';
        one->number = atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%ld/fdinfo/%s", (long)pid, entry->d_name);
        read_proc(path, text, sizeof text);
        const char *flags = strstr(text, "flags:");
        long mode = flags != NULL ? strtol(flags + 6, NULL, 8) & O_ACCMODE : O_RDWR;
        one->writes = mode == O_WRONLY || mode == O_RDWR;
        one->reads = mode == O_RDONLY || mode == O_RDWR;
        count++;
    }
    if (directory != NULL)
        closedir(directory);
    qsort(list, count, sizeof *list, by_number);
    return count;
}
