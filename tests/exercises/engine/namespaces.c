/*
 * namespaces.c: see namespaces.h.
 */
#include "namespaces.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "places.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#define NEW_ROOT "/tmp" /* where the new root directory is put together */

bool namespaces_wanted(void)
{
    const char *said = getenv("JUDGE_NAMESPACES");
    return said == NULL || strcmp(said, "no") != 0;
}

pid_t namespaces_fork(void)
{
    unsigned long flags =
        CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
#if defined(__s390__)
    return (pid_t)syscall(SYS_clone, 0, flags | SIGCHLD, 0, 0, 0);
#else
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
#endif
}

static bool put(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

/* One id inside, the same as outside. */
static bool map_ids(uid_t user, gid_t group)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1\n", (unsigned)user, (unsigned)user);
    snprintf(groups, sizeof groups, "%u %u 1\n", (unsigned)group, (unsigned)group);
    return put("/proc/self/uid_map", users) && put("/proc/self/setgroups", "deny") &&
           put("/proc/self/gid_map", groups) && setresgid(group, group, group) == 0 &&
           setresuid(user, user, user) == 0;
}

/* Linux 5.12; older C libraries do not declare it. */
static int set_read_only(const char *path)
{
#ifdef SYS_mount_setattr
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } attributes = {.set = 1 | 2 | 4}; /* read-only, no set-user-id, no devices */
    if (syscall(SYS_mount_setattr, -1, path, AT_RECURSIVE, &attributes,
                sizeof attributes) == 0)
        return 0;
#endif
    return mount(NULL, path, NULL,
                 MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

/* If it can't be made read-only, what the student's user id may write to can be written to. */
static bool bind_read_only(const char *from, const char *to)
{
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) != 0)
        return false;
    (void)set_read_only(to);
    return true;
}

/* The same file, directory or link as in the old root directory, if there is one. */
static bool take_over(const char *path)
{
    char to[PATH_MAX], target[PATH_MAX];
    struct stat status;
    snprintf(to, sizeof to, NEW_ROOT "%s", path);
    if (lstat(path, &status) != 0)
        return true;
    if (S_ISLNK(status.st_mode)) {
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        return symlink(target, to) == 0;
    }
    if (S_ISDIR(status.st_mode))
        return mkdir(to, 0755) == 0 && bind_read_only(path, to);
    int file = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return false;
    close(file);
    return mount(path, to, NULL, MS_BIND, NULL) == 0;
}

static bool make_root(void)
{
    const char *const directories[] = {"/dev", "/dev/shm", "/etc", "/proc",
                                       "/tmp", "/old",     "/var", "/var/tmp"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, NEW_ROOT "%s", directories[i]);
        if (mkdir(path, 0755) != 0)
            return false;
    }
    for (size_t i = 0; system_places[i] != NULL; i++)
        if (!take_over(system_places[i]) && strcmp(system_places[i], "/sys") != 0)
            return false;
    for (size_t i = 0; devices[i] != NULL; i++)
        if (!take_over(devices[i]))
            return false;
    /* A /proc of its own shows its own processes only. Some containers forbid that. */
    if (mount("proc", NEW_ROOT "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) !=
            0 &&
        mount("/proc", NEW_ROOT "/proc", NULL, MS_BIND | MS_REC, NULL) != 0)
        return false;
    return symlink("/proc/self/fd", NEW_ROOT "/dev/fd") == 0 &&
           symlink("/proc/self/fd/1", NEW_ROOT "/dev/stdout") == 0 &&
           symlink("/proc/self/fd/2", NEW_ROOT "/dev/stderr") == 0;
}

bool namespaces_enter(const struct identity *identity)
{
    gid_t group = identity->separate ? identity->student : getegid();
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* or /proc/self would not be ours to write to */
    bool good = map_ids(identity->student, group) &&
                mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount("tmpfs", NEW_ROOT, "tmpfs", MS_NOSUID | MS_NODEV,
                      "mode=755,nr_inodes=8192,size=" SCRATCH_SIZE) == 0 &&
                make_root() && syscall(SYS_pivot_root, NEW_ROOT, NEW_ROOT "/old") == 0 &&
                chdir("/") == 0 && umount2("/old", MNT_DETACH) == 0 && rmdir("/old") == 0;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return good;
}
