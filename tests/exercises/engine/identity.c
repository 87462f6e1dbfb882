/*
 * identity.c: see identity.h.
 */
#include "identity.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "procfs.h"

#define FIRST_ID 50000 /* a container may have no ids above 65535 */
#define PAIRS    4096
#define DEPTH    16 /* of directories to clean */

/* A name in the abstract namespace is taken by one process at a time, and free when it ends. */
static bool reserve(unsigned pair)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length =
        snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "judge-ids-%u", pair);
    int lock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (lock >= 0 && bind(lock, (struct sockaddr *)&address, size) == 0)
        return true; /* stays open */
    if (lock >= 0)
        close(lock);
    return false;
}

/* In a user namespace of a container there may be no such ids. */
static bool is_mapped(const char *map, unsigned long id)
{
    unsigned long first, outside, count;
    bool found = false;
    FILE *file = fopen(map, "re");
    while (file != NULL && !found &&
           fscanf(file, "%lu %lu %lu", &first, &outside, &count) == 3)
        found = id >= first && id - first < count;
    if (file != NULL)
        fclose(file);
    return found;
}

struct identity identity_choose(void)
{
    struct identity identity = {false, getuid(), getuid()};
    if (getuid() != 0 || !is_mapped("/proc/self/uid_map", FIRST_ID) ||
        !is_mapped("/proc/self/uid_map", FIRST_ID + 2 * PAIRS) ||
        !is_mapped("/proc/self/gid_map", FIRST_ID + 2 * PAIRS))
        return identity;
    for (unsigned i = 0; i < PAIRS; i++) {
        unsigned pair = ((unsigned)getpid() + i) % PAIRS;
        uid_t judge = FIRST_ID + 2 * pair, student = judge + 1;
        if (getpwuid(judge) != NULL || getpwuid(student) != NULL || !reserve(pair))
            continue;
        return (struct identity){true, judge, student};
    }
    return identity;
}

int identity_become_judge(const struct identity *identity)
{
    uid_t judge = identity->judge, student = identity->student;
    if (!identity->separate)
        return 0;
    return setgroups(0, NULL) == 0 && setresgid(judge, student, judge) == 0 &&
                   setresuid(judge, student, judge) == 0
               ? 0
               : -1;
}

int identity_become_student(const struct identity *identity)
{
    uid_t id = identity->student;
    if (!identity->separate)
        return 0;
    return setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0 ? 0 : -1;
}

/* ---- Clean up ---- */

static void kill_processes(uid_t user)
{
    /* Stopped processes fork no more, so the number of those that run only falls. */
    for (int i = 0; i < 200 && signal_user(user, SIGSTOP) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    for (int i = 0; i < 2000 && signal_user(user, SIGKILL) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Remove everything of this user's below a directory. Links are removed, not followed. */
static void remove_files(int parent, const char *name, uid_t user, int depth)
{
    int directory = openat(parent, name,
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    DIR *list = directory >= 0 ? fdopendir(directory) : NULL;
    if (list == NULL) {
        if (directory >= 0)
            close(directory);
        return;
    }
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            status.st_uid != user)
            continue;
        if (S_ISDIR(status.st_mode) && depth > 0)
            remove_files(directory, entry->d_name, user, depth - 1);
        unlinkat(directory, entry->d_name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
    }
    closedir(list);
}

static void remove_shared_memory(uid_t user)
{
    struct shm_info info;
    int last = shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info);
    for (int i = 0; i <= last; i++) {
        struct shmid_ds one;
        int id = shmctl(i, SHM_STAT, &one);
        if (id >= 0 && (one.shm_perm.uid == user || one.shm_perm.cuid == user))
            shmctl(id, IPC_RMID, NULL);
    }
}

static void remove_semaphores(uid_t user)
{
    struct seminfo info;
    int last = semctl(0, 0, SEM_INFO, &info);
    for (int i = 0; i <= last; i++) {
        struct semid_ds one;
        int id = semctl(i, 0, SEM_STAT, &one);
        if (id >= 0 && (one.sem_perm.uid == user || one.sem_perm.cuid == user))
            semctl(id, 0, IPC_RMID);
    }
}

static void remove_queues(uid_t user)
{
    struct msginfo info;
    int last = msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&info);
    for (int i = 0; i <= last; i++) {
        struct msqid_ds one;
        int id = msgctl(i, MSG_STAT, &one);
        if (id >= 0 && (one.msg_perm.uid == user || one.msg_perm.cuid == user))
            msgctl(id, IPC_RMID, NULL);
    }
}

void identity_clean_up(const struct identity *identity)
{
    const char *const places[] = {"/tmp",      "/var/tmp",   "/dev/shm", "/dev/mqueue",
                                  "/run/lock", "/var/crash", "/var/lock"};
    if (!identity->separate)
        return;
    kill_processes(identity->student);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        remove_files(AT_FDCWD, places[i], identity->student, DEPTH);
    remove_shared_memory(identity->student);
    remove_semaphores(identity->student);
    remove_queues(identity->student);
}
