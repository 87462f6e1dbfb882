/*
 * slow_fork.c: to be preloaded (LD_PRELOAD). It delays every fork() by SLOW_FORK_MS milliseconds
 * (default 5), as on a machine where a fork is slow. It does so in a handler that the C library
 * calls in the parent, not by replacing fork(), so it works with every C library and sanitizer.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int atfork_function(void (*)(void), void (*)(void), void (*)(void), void *);

/* In the GNU library, pthread_atfork() is not in the shared library but calls this function. Other
 * libraries share pthread_atfork(), which ignores the fourth argument. */
extern atfork_function gnu_register_atfork __asm__("__register_atfork")
    __attribute__((weak));

static long milliseconds;

static void delay(void)
{
    struct timespec left = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

__attribute__((constructor)) static void begin(void)
{
    atfork_function *at_fork = gnu_register_atfork;
    const char *text = getenv("SLOW_FORK_MS");
    /* Not strtol(), which newer versions of the GNU library link under a name that others lack. */
    for (text = text != NULL ? text : "5"; *text >= '0' && *text <= '9'; text++)
        milliseconds = milliseconds * 10 + *text - '0';
    if (at_fork == NULL)
        *(void **)&at_fork = dlsym(RTLD_DEFAULT, "pthread_atfork");
    if (at_fork != NULL && milliseconds > 0)
        at_fork(delay, NULL, NULL, NULL);
}
