/*
 * filter.c: see filter.h. The filters are programs of the kernel's packet filter, which it runs
 * at each system call.
 */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define STEPS        400
#define SHARED_MOST  (64u << 20) /* bytes of a System V segment */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF  0
#define HIGH_HALF 4
#else
#define LOW_HALF  4
#define HIGH_HALF 0
#endif

#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8u * (unsigned)(n))
#define NAMESPACES                                                                       \
    (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET |          \
     CLONE_NEWUTS | CLONE_NEWCGROUP)

/* A filter that is being put together. */
struct steps {
    struct sock_filter step[STEPS];
    size_t count;
};

static void add(struct steps *steps, unsigned code, size_t value, unsigned yes,
                unsigned no)
{
    if (steps->count < STEPS)
        steps->step[steps->count++] = (struct sock_filter){
            (unsigned short)code, (unsigned char)yes, (unsigned char)no, (unsigned)value};
}

static void load(struct steps *steps, size_t offset)
{
    add(steps, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void end_with(struct steps *steps, unsigned action)
{
    add(steps, BPF_RET | BPF_K, action, 0, 0);
}

/* If what was loaded is this, the next `next` steps; else skip them. */
static void when(struct steps *steps, size_t is, size_t next)
{
    add(steps, BPF_JMP | BPF_JEQ | BPF_K, is, 0, (unsigned)next);
}

static void refuse(struct steps *steps, long call, int error)
{
    when(steps, (size_t)call, 1);
    end_with(steps, SECCOMP_RET_ERRNO | (unsigned)error);
}

/* Argument `which` of `call` names a process, or a process group by its negative number. */
static void protect(struct steps *steps, long call, int which, const pid_t pids[],
                    size_t count)
{
    when(steps, (size_t)call, 4 * count + 4);
    load(steps, ARGUMENT(which) + LOW_HALF);
    when(steps, (unsigned)-1, 1);
    end_with(steps, SECCOMP_RET_TRAP);
    for (size_t i = 0; i < count; i++) {
        when(steps, (size_t)pids[i], 1);
        end_with(steps, SECCOMP_RET_TRAP);
        when(steps, (unsigned)-pids[i], 1);
        end_with(steps, SECCOMP_RET_TRAP);
    }
    end_with(steps, SECCOMP_RET_ALLOW);
}

/* Only a value of 0 (`same` is set) or with none of these bits is allowed. */
static void only(struct steps *steps, long call, int which, bool bits, size_t value,
                 int error)
{
    when(steps, (size_t)call, 4);
    load(steps, ARGUMENT(which) + LOW_HALF);
    add(steps, BPF_JMP | (bits ? BPF_JSET : BPF_JEQ) | BPF_K, value, bits ? 0 : 1,
        bits ? 1 : 0);
    end_with(steps, SECCOMP_RET_ERRNO | (unsigned)error);
    end_with(steps, SECCOMP_RET_ALLOW);
}

static void limit_segments(struct steps *steps)
{
#ifdef SYS_shmget
    when(steps, SYS_shmget, 6);
    load(steps, ARGUMENT(1) + HIGH_HALF);
    when(steps, 0, 3);
    load(steps, ARGUMENT(1) + LOW_HALF);
    add(steps, BPF_JMP | BPF_JGT | BPF_K, SHARED_MOST, 1, 0);
    end_with(steps, SECCOMP_RET_ALLOW);
    end_with(steps, SECCOMP_RET_ERRNO | ENOMEM);
#else
    (void)steps;
#endif
}

static int install(const struct steps *steps, unsigned flags)
{
    struct sock_fprog program = {.len = (unsigned short)steps->count,
                                 .filter = (struct sock_filter *)steps->step};
    if (steps->count == STEPS) {
        errno = E2BIG;
        return -1;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Calls of another architecture have other numbers. */
static void begin(struct steps *steps)
{
#ifdef ARCHITECTURE
    load(steps, offsetof(struct seccomp_data, arch));
    add(steps, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    end_with(steps, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    load(steps, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    add(steps, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); /* the x32 variants */
    end_with(steps, SECCOMP_RET_ERRNO | ENOSYS);
#endif
}

static void refuse_all(struct steps *steps, bool tracing)
{
    static const long calls[] = {
        SYS_unshare,
        SYS_setns,
        SYS_mount,
        SYS_umount2,
        SYS_pivot_root,
        SYS_chroot,
        SYS_bpf,
        SYS_perf_event_open,
        SYS_userfaultfd,
        SYS_add_key,
        SYS_request_key,
        SYS_keyctl,
        SYS_kcmp,
        SYS_acct,
        SYS_open_by_handle_at,
        SYS_name_to_handle_at,
    };
    static const long traces[] = {SYS_ptrace, SYS_process_vm_readv,
                                  SYS_process_vm_writev};
    for (size_t i = 0; i < COUNT(calls); i++)
        refuse(steps, calls[i], EPERM);
    for (size_t i = 0; i < COUNT(traces) && !tracing; i++)
        refuse(steps, traces[i], EPERM);
#ifdef SYS_io_uring_setup
    refuse(steps, SYS_io_uring_setup, ENOSYS);
#endif
#ifdef SYS_clone3
    refuse(steps, SYS_clone3, ENOSYS); /* its flags are out of a filter's reach */
#endif
}

int filter_program(const pid_t protected[], size_t count, bool tracing)
{
    static const struct {
        long call;
        int which;
    } named[] = {
        {SYS_kill, 0},
        {SYS_tkill, 0},
        {SYS_tgkill, 0},
        {SYS_rt_sigqueueinfo, 0},
        {SYS_rt_tgsigqueueinfo, 0},
        {SYS_sched_setaffinity, 0},
        {SYS_sched_setscheduler, 0},
        {SYS_sched_setparam, 0},
        {SYS_sched_setattr, 0},
        {SYS_setpriority, 1},
        {SYS_ioprio_set, 1},
#ifdef SYS_pidfd_open
        {SYS_pidfd_open, 0},
#endif
    };
    struct steps steps = {.count = 0};
    begin(&steps);
    refuse_all(&steps, tracing);
    only(&steps, SYS_clone, 0, true, NAMESPACES, EPERM);
    only(&steps, SYS_prlimit64, 0, false, 0, EPERM);
    only(&steps, SYS_socket, 0, false, AF_UNIX, EAFNOSUPPORT);
    limit_segments(&steps);
    for (size_t i = 0; i < COUNT(named); i++)
        protect(&steps, named[i].call, named[i].which, protected, count);
    end_with(&steps, SECCOMP_RET_ALLOW);
    return install(&steps, 0);
}

static int fail_with(int error, const long calls[], size_t count)
{
    struct steps steps = {.count = 0};
    load(&steps, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++)
        refuse(&steps, calls[i], error);
    end_with(&steps, SECCOMP_RET_ALLOW);
    return install(&steps, 0);
}

int filter_forks(void)
{
    static const long calls[] = {
        SYS_clone,
#ifdef SYS_clone3
        SYS_clone3,
#endif
#ifdef SYS_fork
        SYS_fork,
        SYS_vfork,
#endif
    };
    return fail_with(EAGAIN, calls, COUNT(calls));
}

int filter_pipes(void)
{
    static const long calls[] = {
        SYS_pipe2,
#ifdef SYS_pipe
        SYS_pipe,
#endif
    };
    return fail_with(EMFILE, calls, COUNT(calls));
}

/* Argument `flags` of `call` has this bit: the call is reported. */
static void report_when(struct steps *steps, long call, int flags, size_t bit)
{
    when(steps, (size_t)call, 4);
    load(steps, ARGUMENT(flags) + LOW_HALF);
    add(steps, BPF_JMP | BPF_JSET | BPF_K, bit, 0, 1);
    end_with(steps, SECCOMP_RET_USER_NOTIF);
    end_with(steps, SECCOMP_RET_ALLOW);
}

int filter_creations(void)
{
    static const long calls[] = {
#ifdef SYS_open
        SYS_creat,    SYS_mkdir,   SYS_mknod,     SYS_symlink, SYS_link,      SYS_rename,
#endif
#ifdef SYS_renameat
        SYS_renameat,
#endif
        SYS_mkdirat,  SYS_mknodat, SYS_symlinkat, SYS_linkat,  SYS_renameat2, SYS_bind,
#ifdef SYS_shmget
        SYS_shmget,   SYS_semget,  SYS_msgget,
#endif
    };
    struct steps steps = {.count = 0};
    begin(&steps);
#ifdef SYS_openat2
    refuse(&steps, SYS_openat2, ENOSYS); /* its flags are out of a filter's reach */
#endif
#ifdef SYS_open
    report_when(&steps, SYS_open, 1, O_CREAT);
#endif
    report_when(&steps, SYS_openat, 2, O_CREAT);
    for (size_t i = 0; i < COUNT(calls); i++) {
        when(&steps, (size_t)calls[i], 1);
        end_with(&steps, SECCOMP_RET_USER_NOTIF);
    }
    end_with(&steps, SECCOMP_RET_ALLOW);
    return install(&steps, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}
