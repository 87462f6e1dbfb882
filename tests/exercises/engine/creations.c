/*
 * creations.c: see creations.h.
 */
#include "creations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1u
#endif

enum kind {
    NAMED_FILE,
    SHARED_MEMORY,
    SEMAPHORES,
    QUEUE
};

struct creation {
    enum kind kind;
    int id;          /* of System V */
    char path[1024]; /* of a file */
};

static struct notes {
    size_t count; /* of calls: more than there is room for, perhaps */
    struct creation note[CREATIONS_MOST];
} * notes;
static int reports = -1;

void creations_prepare(void)
{
    if (notes == NULL) {
        void *place = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        notes = place != MAP_FAILED ? place : NULL;
    }
    if (notes != NULL)
        notes->count = 0;
}

int creations_report(void)
{
    return notes != NULL ? filter_creations() : -1;
}

void creations_listen(int from)
{
    reports = from;
}

int creations_descriptor(void)
{
    return reports;
}

/* One more, unless there is no room for the note. Then the call is refused. */
static int count_one(void)
{
    return notes->count++ < CREATIONS_MOST ? 0 : -ENOSPC;
}

static void note(enum kind kind, int id, const char *path)
{
    struct creation *last = &notes->note[notes->count - 1];
    last->kind = kind;
    last->id = id;
    snprintf(last->path, sizeof last->path, "%s", path);
}

/* ---- Reports ---- */

/* Which arguments of a call have the directory (-1: the current one) and the name. */
struct named {
    long call;
    int directory, name;
};

static const struct named calls[] = {
#ifdef SYS_open
    {SYS_open, -1, 0},     {SYS_creat, -1, 0},   {SYS_mkdir, -1, 0},
    {SYS_mknod, -1, 0},    {SYS_symlink, -1, 1}, {SYS_link, -1, 1},
    {SYS_rename, -1, 1},
#endif
#ifdef SYS_renameat
    {SYS_renameat, 2, 3},
#endif
    {SYS_openat, 0, 1},    {SYS_mkdirat, 0, 1},  {SYS_mknodat, 0, 1},
    {SYS_symlinkat, 1, 2}, {SYS_linkat, 2, 3},   {SYS_renameat2, 2, 3},
    {SYS_bind, -1, 1}};

/* What a call has for a name. False: none, or too long. */
static bool read_name(const struct seccomp_notif *report, const struct named *call,
                      char *name, size_t room)
{
    char file[64];
    unsigned long long at = report->data.args[call->name];
    if (call->call == SYS_bind) /* of a socket: behind its family */
        at += sizeof(sa_family_t);
    snprintf(file, sizeof file, "/proc/%u/mem", report->pid);
    int memory = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t count = pread(memory, name, room - 1, (off_t)at);
    if (memory >= 0)
        close(memory);
    return count > 0 && *name != '\0' && memchr(name, '\0', (size_t)count) != NULL;
}

/* The directory of a call that names a relative path: "" for the root directory. */
static bool read_directory(const struct seccomp_notif *report, const struct named *call,
                           char *path, size_t room)
{
    char link[64];
    int directory =
        call->directory < 0 ? AT_FDCWD : (int)report->data.args[call->directory];
    if (directory == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/%u/cwd", report->pid);
    else
        snprintf(link, sizeof link, "/proc/%u/fd/%d", report->pid, directory);
    ssize_t length = readlink(link, path, room - 1);
    path[length > 1 ? length : 0] = '\0';
    return length > 0;
}

/* Add a name to a path. False: it has "..", or is too long. */
static bool extend(char *path, size_t room, char *name)
{
    char *rest = NULL;
    for (char *part = strtok_r(name, "/", &rest); part != NULL;
         part = strtok_r(NULL, "/", &rest)) {
        size_t length = strlen(path);
        if (strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0 || length + strlen(part) + 2 > room)
            return false;
        snprintf(path + length, room - length, "/%s", part);
    }
    return true;
}

/* A file that is there before is not the program's. */
static void note_file(const struct seccomp_notif *report,
                      struct seccomp_notif_resp *response)
{
    struct stat status;
    char name[512] = "", path[sizeof notes->note->path] = "";
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (calls[i].call != report->data.nr)
            continue;
        if (read_name(report, &calls[i], name, sizeof name) &&
            (*name == '/' || read_directory(report, &calls[i], path, sizeof path))) {
            if (!extend(path, sizeof path, name)) {
                response->error = -EACCES;
                return;
            }
            if (lstat(path, &status) != 0 && (response->error = count_one()) == 0)
                note(NAMED_FILE, 0, path);
            if (response->error != 0)
                return;
        }
        response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        return;
    }
    response->error = -ENOSYS;
}

static int get_object(enum kind kind, key_t key, size_t size, int flags)
{
    return kind == SHARED_MEMORY ? shmget(key, size, flags)
           : kind == SEMAPHORES  ? semget(key, (int)size, flags)
                                 : msgget(key, flags);
}

/* The judge makes the object in the program's place: then it knows the id. */
static void make_object(enum kind kind, const struct seccomp_notif *report,
                        struct seccomp_notif_resp *response)
{
    const key_t key = (key_t)report->data.args[0];
    const size_t size = (size_t)report->data.args[1];
    const int flags = (int)report->data.args[kind == QUEUE ? 1 : 2];
    const int both = IPC_CREAT | IPC_EXCL;
    int id = -1;
    if (key != IPC_PRIVATE)
        id = get_object(kind, key, kind == SEMAPHORES ? 0 : size, flags & ~both);
    if (id >= 0 && (flags & both) == both) {
        response->error = -EEXIST;
        return;
    }
    if (id < 0 && (key == IPC_PRIVATE || (errno == ENOENT && (flags & IPC_CREAT) != 0))) {
        if ((response->error = count_one()) != 0)
            return;
        id = get_object(kind, key, size, flags | both);
        if (id >= 0)
            note(kind, id, "");
        else
            notes->count--;
    }
    if (id < 0)
        response->error = -errno;
    response->val = id < 0 ? 0 : id;
}

void creations_note(void)
{
    struct seccomp_notif report;
    struct seccomp_notif_resp response = {0};
    struct pollfd file = {.fd = reports, .events = POLLIN};
    memset(&report, 0, sizeof report);
    if (poll(&file, 1, 0) == 1 && (file.revents & POLLIN) == 0) {
        close(reports); /* the last process that could report has ended */
        reports = -1;
        return;
    }
    if (ioctl(reports, SECCOMP_IOCTL_NOTIF_RECV, &report) != 0)
        return; /* the caller was killed meanwhile */
    response.id = report.id;
    switch (report.data.nr) {
#ifdef SYS_shmget
    case SYS_shmget:
        make_object(SHARED_MEMORY, &report, &response);
        break;
    case SYS_semget:
        make_object(SEMAPHORES, &report, &response);
        break;
    case SYS_msgget:
        make_object(QUEUE, &report, &response);
        break;
#endif
    default:
        note_file(&report, &response);
    }
    (void)!ioctl(reports, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* ---- Limits, and the end ---- */

static size_t noted(void)
{
    if (notes == NULL)
        return 0;
    return notes->count < CREATIONS_MOST ? notes->count : CREATIONS_MOST;
}

size_t creations_count(void)
{
    return notes != NULL ? notes->count : 0;
}

long creations_bytes(void)
{
    struct stat status;
    long bytes = 0;
    for (size_t i = 0; i < noted(); i++)
        if (notes->note[i].kind == NAMED_FILE && lstat(notes->note[i].path, &status) == 0)
            bytes += (long)status.st_blocks * 512;
    return bytes;
}

/* Through no link: where the program had a directory, there may be a link by now. */
static void remove_file(char *path)
{
    static const char *const places[] = {"/tmp/", "/var/tmp/", "/dev/shm/"};
    struct stat status;
    bool ours = false;
    for (size_t i = 0; i < 3; i++)
        ours = ours || strncmp(path, places[i], strlen(places[i])) == 0;
    if (!ours)
        return;
    int at = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *rest = NULL, *part = strtok_r(path, "/", &rest), *next;
    for (; at >= 0 && (next = strtok_r(NULL, "/", &rest)) != NULL; part = next) {
        int inner = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        at = inner;
    }
    if (at < 0)
        return;
    if (fstatat(at, part, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_uid == geteuid())
        unlinkat(at, part, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
    close(at);
}

void creations_remove(void)
{
    for (size_t i = noted(); i-- > 0;) { /* what is in a directory before the directory */
        struct creation *note = &notes->note[i];
        if (note->kind == NAMED_FILE)
            remove_file(note->path);
        else if (note->kind == SHARED_MEMORY)
            shmctl(note->id, IPC_RMID, NULL);
        else if (note->kind == SEMAPHORES)
            semctl(note->id, 0, IPC_RMID);
        else
            msgctl(note->id, IPC_RMID, NULL);
    }
}
