/*
 * filter.c: see filter.h. The filters are programs of the kernel's packet filter, run on each
 * system call; they hold for children too and can't be taken back.
 */
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 4
#endif

#define LOAD(offset)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(offset))
#define LOAD_CALL          LOAD(offsetof(struct seccomp_data, nr))
#define LOAD_FIRST         LOAD(offsetof(struct seccomp_data, args[0]) + LOW_HALF)
#define SKIP_UNLESS(is, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(is), 0, n)
#define RETURN(action)     BPF_STMT(BPF_RET | BPF_K, (action))

static int install(struct sock_filter *steps, size_t count)
{
    struct sock_fprog program = {.len = (unsigned short)count, .filter = steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int filter_kills(pid_t judge)
{
    struct sock_filter steps[] = {
        LOAD_CALL,
        SKIP_UNLESS(SYS_kill, 5),
        LOAD_FIRST,
        SKIP_UNLESS(-1, 1),
        RETURN(SECCOMP_RET_TRAP),
        SKIP_UNLESS(judge, 1),
        RETURN(SECCOMP_RET_TRAP),
        RETURN(SECCOMP_RET_ALLOW),
    };
    return install(steps, COUNT(steps));
}

int filter_forks(void)
{
    struct sock_filter steps[] = {
        LOAD_CALL,
        SKIP_UNLESS(SYS_clone, 1),
        RETURN(SECCOMP_RET_ERRNO | EAGAIN),
#ifdef SYS_clone3
        SKIP_UNLESS(SYS_clone3, 1),
        RETURN(SECCOMP_RET_ERRNO | EAGAIN),
#endif
#ifdef SYS_fork
        SKIP_UNLESS(SYS_fork, 1),
        RETURN(SECCOMP_RET_ERRNO | EAGAIN),
        SKIP_UNLESS(SYS_vfork, 1),
        RETURN(SECCOMP_RET_ERRNO | EAGAIN),
#endif
        RETURN(SECCOMP_RET_ALLOW),
    };
    return install(steps, COUNT(steps));
}
