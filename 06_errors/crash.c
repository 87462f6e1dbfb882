/*
 * crash.c: see crash.h. The handler only notes two addresses in the future, which is in shared
 * memory. The program, which has not crashed, finds out what they mean.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "crash.h"

#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "symbol.h"

#define STACK_SIZE ((size_t)1 << 16)
#define NO_ADDRESS ((void *)UINTPTR_MAX)

/* Of a function and its library. Names in C++ may be long. */
#define LONGEST_NAME 4096

/* The address of the instruction at which the signal came; NULL: not known on this machine. */
static void *code_address(const void *context)
{
    const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;
    (void)machine;
#if defined(__x86_64__)
    return (void *)(uintptr_t)machine->gregs[REG_RIP];
#elif defined(__i386__)
    return (void *)(uintptr_t)machine->gregs[REG_EIP];
#elif defined(__aarch64__)
    return (void *)(uintptr_t)machine->pc;
#elif defined(__arm__)
    return (void *)(uintptr_t)machine->arm_pc;
#elif defined(__riscv)
    return (void *)(uintptr_t)machine->__gregs[0];
#else
    return NULL;
#endif
}

/* For an address that no process can have, the kernel does not say which it was. */
static void *data_address(const siginfo_t *info)
{
    return info->si_code == SI_KERNEL ? NO_ADDRESS : info->si_addr;
}

/* The disposition is the default again (SA_RESETHAND). So, after this handler, the instruction
 * fails once more, and that ends the worker. A signal that was sent would not come again, so it is
 * raised. */
static void note_crash(int number, siginfo_t *info, void *context)
{
    bool sent = info->si_code <= 0;
    /* Sent by abort() or by another process: the place would say little. */
    if (sent)
        raise(number);
    else
        future_note_crash(code_address(context), data_address(info));
}

int crash_locate(void *unused)
{
    static char stack[STACK_SIZE];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND)};
    (void)unused;
    action.sa_sigaction = note_crash;
    sigemptyset(&action.sa_mask);
    if (sigaltstack(&own, NULL) != 0)
        return -1;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL) != 0)
            return -1;
    return 0;
}

int crash_describe(struct future *future, char *text, size_t size)
{
    const char *error = future_error(future);
    const void *code, *data;
    char where[LONGEST_NAME], at[40] = "";
    if (!future_crash(future, &code, &data))
        return snprintf(text, size, "%s", error != NULL ? error : "");
    int number = WTERMSIG(future_worker_status(future));
    if ((number == SIGSEGV || number == SIGBUS) && data != NO_ADDRESS)
        snprintf(at, sizeof at, " at address %#llx", (unsigned long long)(uintptr_t)data);
    bool known = symbol_name(code, where, sizeof where);
    return snprintf(text, size, "%s%s%s%s", error, at, known ? ", in " : "", where);
}
