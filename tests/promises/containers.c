/*
 * Promise 18: pool_open(0) opens as many workers as there are processors in the affinity mask or
 * in the quota of the control group, whichever is less. Tested with a made-up tree of files and,
 * as root where control groups (version 1 or 2) can be written to, with the kernel's own.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "inside/cpus.h"
#include "proc.h"
#include "promise.h"

static char root[] = "/tmp/containers.XXXXXX";

static void make_directories(const char *path)
{
    char part[1024];
    for (const char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        mkdir(part, 0755);
    }
}

static bool try_to_write(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

static void file_with(const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s", root, name);
    make_directories(path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text), "%s",
          path);
    close(file);
}

static void empty_root(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s/*", root);
    CHECK(system(command) == 0); /* NOLINT(cert-env33-c): the name is ours */
}

#define V2 "35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
#define V1 "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"

static void expect_quota(int expected)
{
    int quota = cpus_quota(root);
    CHECK(quota == expected, "quota of %d, not %d", quota, expected);
    empty_root();
}

static void check_version_2(void)
{
    expect_quota(0); /* there is no /proc */
    file_with("/proc/self/cgroup", "0::/a/b\n");
    file_with("/proc/self/mountinfo", V2);
    file_with("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    expect_quota(0);

    file_with("/proc/self/cgroup", "0::/a/b\n");
    file_with("/proc/self/mountinfo", V2);
    file_with("/sys/fs/cgroup/a/b/cpu.max", "250000 100000\n");
    expect_quota(3); /* rounded up */

    file_with("/proc/self/cgroup", "0::/a/b/c\n");
    file_with("/proc/self/mountinfo", V2);
    file_with("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
    file_with("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    file_with("/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
    expect_quota(1); /* the smallest quota among the ancestors counts */

    /* A container with a cgroup namespace of its own sees its group as the root. */
    file_with("/proc/self/cgroup", "0::/\n");
    file_with("/proc/self/mountinfo", V2);
    file_with("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    expect_quota(2);

    /* A container without one sees a path of the host's; what is mounted is its group. */
    file_with("/proc/self/cgroup", "0::/docker/0123\n");
    file_with("/proc/self/mountinfo",
              "35 24 0:30 /docker/0123 /sys/fs/cgroup ro - cgroup2 cgroup ro\n");
    file_with("/sys/fs/cgroup/cpu.max", "400000 100000\n");
    expect_quota(4);

    file_with("/proc/self/cgroup", "garbage\n0:\n:::\n");
    file_with("/proc/self/mountinfo", "- - -\ngarbage\n");
    expect_quota(0);
}

static void check_version_1(void)
{
    file_with("/proc/self/cgroup", "4:memory:/m\n3:cpu,cpuacct:/a/b\n2:cpuset:/\n");
    file_with("/proc/self/mountinfo",
              "30 31 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n" V1);
    file_with("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
    file_with("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
    file_with("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "150000\n");
    file_with("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    expect_quota(2);
}

static void expect_workers(int expected)
{
    struct pool *pool = pool_open(0);
    CHECK(pool != NULL);
    CHECK(pool_workers(pool) == expected, "%d workers, not %d", pool_workers(pool),
          expected);
    CHECK(pool_close(pool) == 0);
}

/* As many as the affinity mask has, unless POOL_WORKERS says otherwise. */
static void check_mask(void *unused)
{
    (void)unused;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    expect_workers(1);
    setenv("POOL_WORKERS", "3", 1);
    expect_workers(3);
    for (const char *const *wrong = (const char *const[]){"", "x", "-1", "0", "3x", NULL};
         *wrong != NULL; wrong++) {
        setenv("POOL_WORKERS", *wrong, 1);
        expect_workers(1);
    }
    exit(0);
}

/* In a real group with half a processor: one worker, whatever the mask says. */
static void enter_group(void *directory)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/cgroup.procs", (char *)directory);
    CHECK(try_to_write(path, "0"), "enter %s", path);
    expect_workers(1);
    exit(0);
}

static void check_real(const char *hierarchy, const char *file, const char *quota)
{
    char directory[512], path[1024];
    snprintf(directory, sizeof directory, "%s/pool-containers-%d", hierarchy,
             (int)getpid());
    snprintf(path, sizeof path, "%s/%s", directory, file);
    if (mkdir(directory, 0755) != 0)
        return;
    if (try_to_write(path, quota)) {
        fprintf(stderr, "with the kernel's own groups: %s\n", path);
        CHECK(run_apart(enter_group, directory, 20) == 0, "in %s", directory);
    }
    rmdir(directory);
}

int main(void)
{
    CHECK(mkdtemp(root) != NULL);
    check_version_2();
    check_version_1();
    CHECK(rmdir(root) == 0);
    CHECK(run_apart(check_mask, NULL, 20) == 0, "with a mask of one processor");
    check_real("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "50000");
    check_real("/sys/fs/cgroup/cpu,cpuacct", "cpu.cfs_quota_us", "50000");
    check_real("/sys/fs/cgroup", "cpu.max", "50000 100000");
    puts("ok");
    return 0;
}
