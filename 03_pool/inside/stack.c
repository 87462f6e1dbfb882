/*
 * stack.c: see stack.h. Not in POSIX: mmap() with MAP_ANONYMOUS, gettid().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "stack.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux_proc.h"

#define MIB       ((size_t)1 << 20)
#define LEAST     (8 * MIB)
#define UNLIMITED (64 * MIB)
#define MOST      (1024 * MIB)
/* Of a frame of the first stack: below that stack, more address space than this is free. */
#define NEAR  (100 * MIB)
#define GUARD ((size_t)65536) /* whole pages, whatever size these have */

static size_t stack_size(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur < LEAST)
        return LEAST;
    if (limit.rlim_cur == RLIM_INFINITY)
        return UNLIMITED;
    return limit.rlim_cur < MOST ? (size_t)limit.rlim_cur & ~(GUARD - 1) : MOST;
}

/* AddressSanitizer has to be told of a change of stack. */
#if defined(__SANITIZE_ADDRESS__)
#define KNOWS_STACKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KNOWS_STACKS
#endif
#endif

#ifdef KNOWS_STACKS
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *save, const void **bottom, size_t *size);

static struct {
    void (*function)(void *);
    void *argument;
} entry;

static void entered(void *unused)
{
    (void)unused;
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
    entry.function(entry.argument);
}
#endif

static size_t size_of_new; /* foreman and workers have one each */

void *stack_new(void)
{
    size_t size = stack_size();
    char *memory = mmap(NULL, GUARD + size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    mprotect(memory, GUARD, PROT_NONE);
    size_of_new = size;
    return memory + GUARD + size;
}

/* Where the kernel put the first thread's stack: above it are the arguments. NULL: not known. */
static char *first_stack(void)
{
    return (char *)(uintptr_t)process_stat(0, 28); /* NOLINT(performance-no-int-to-ptr) */
}

static bool has_left_first; /* a worker that opens a pool is on the stack made here */

static bool in_first_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

bool stack_is_first(void)
{
    return !has_left_first && in_first_thread();
}

/* A frame on the stack of the program's first thread. 0: this process has not left that stack. */
static uintptr_t left;

void stack_leave(const void *frame)
{
    left = (uintptr_t)frame;
}

void stack_check(void)
{
    static const char reason[] = "pool: a task left its function by longjmp()\n";
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (left == 0 || (here > left ? here - left : left - here) > NEAR ||
        !in_first_thread())
        return;
    (void)!write(STDERR_FILENO, reason, sizeof reason - 1);
    signal(SIGABRT, SIG_DFL);
    abort();
}

/* unsetenv() and others write to the array. */
void stack_copy_environment(void **end)
{
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    size_t size = ((count + 1) * sizeof(char *) + 15) & ~(size_t)15;
    if (environ == NULL || size > LEAST / 8)
        return;
    *end = (char *)*end - size;
    environ = memcpy(*end, environ, (count + 1) * sizeof(char *));
}

void stack_seal(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t here = left & ~(page - 1);
    char *first = first_stack();
    uintptr_t above = ((uintptr_t)first + page) & ~(page - 1);
    if (first == NULL || above <= here || above - here > NEAR)
        return; /* another thread's, or one that the program has made */
    mprotect((void *)here, above - here,
             PROT_READ); /* NOLINT(performance-no-int-to-ptr) */
}

/*
 * The return address is 0 and, except on 32-bit ARM, so is the frame pointer: for debuggers,
 * backtrace() and the unwinder of C++ the function is the outermost one. On a processor that is not
 * listed here the function is called on the stack there is, which stack_check() then takes for the
 * right one.
 */
static inline _Noreturn void call_on(void *end, void (*function)(void *), void *argument)
{
#if defined(__x86_64__)
    __asm__ volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tpush $0\n\tjmp *%1"
                     :
                     : "S"(end), "a"(function), "D"(argument)
                     : "memory");
#elif defined(__i386__)
    __asm__ volatile("mov %0, %%esp\n\txor %%ebp, %%ebp\n\tsub $12, %%esp\n\tpush %2\n\t"
                     "push $0\n\tjmp *%1"
                     :
                     : "S"(end), "a"(function), "D"(argument)
                     : "memory");
#elif defined(__aarch64__)
    /* cppcheck-suppress syntaxError ; does not know a variable in a register */
    register void *first __asm__("x0") = argument;
    register void (*to)(void *) __asm__("x16") = function;
    __asm__ volatile("mov sp, %0\n\tmov x29, xzr\n\tmov x30, xzr\n\tbr %1"
                     :
                     : "r"(end), "r"(to), "r"(first)
                     : "memory");
#elif defined(__arm__)
    /* cppcheck-suppress syntaxError ; does not know a variable in a register */
    register void *first __asm__("r0") = argument;
    register void (*to)(void *) __asm__("r3") = function;
    __asm__ volatile("mov sp, %0\n\tmov lr, #0\n\tbx %1"
                     :
                     : "r"(end), "r"(to), "r"(first)
                     : "memory");
#elif defined(__riscv)
    /* cppcheck-suppress syntaxError ; does not know a variable in a register */
    register void *first __asm__("a0") = argument;
    register void (*to)(void *) __asm__("t1") = function;
    __asm__ volatile("mv sp, %0\n\tli s0, 0\n\tli ra, 0\n\tjr %1"
                     :
                     : "r"(end), "r"(to), "r"(first)
                     : "memory");
#else
    (void)end;
    left = 0;
    function(argument);
    abort();
#endif
    __builtin_unreachable();
}

_Noreturn void stack_enter(void *end, void (*function)(void *), void *argument)
{
    if (!has_left_first) /* not written in a worker: the page would be copied */
        has_left_first = true;
#ifdef KNOWS_STACKS
    static void *variables; /* those of the stack that is left: they are still used */
    entry.function = function, entry.argument = argument, function = entered;
    __sanitizer_start_switch_fiber(&variables, (char *)end - size_of_new, size_of_new);
#endif
    call_on(end, function, argument);
}
