/* Tries to trace, to limit and to write to the process above it, and more. All is refused. */
#include "run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int good(int (*work)(void))
{
    int status;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        _exit(work());
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_child(int (*work)(void))
{
    char path[64];
    struct rlimit none = {0, 0};
    long done = 0;
    done += ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
    done += prlimit(getppid(), RLIMIT_CPU, &none, NULL) == 0;
    done += unshare(CLONE_NEWUSER) == 0;
    done += mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
    done += socket(AF_INET, SOCK_STREAM, 0) >= 0;
    done += setpriority(PRIO_USER, 0, 19) == 12345;
    snprintf(path, sizeof path, "/proc/%ld/mem", (long)getppid());
    done += open(path, O_RDWR) >= 0;
    done += open("/etc/shadow", O_RDONLY) >= 0;
    return done > 0 ? (int)(1000 + done) : good(work);
}
