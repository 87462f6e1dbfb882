/*
 * slow_fork.c: preloaded, it delays every fork() by SLOW_FORK_MS milliseconds (5): a machine on
 * which a fork is dear. By a handler that the C library calls in the parent, and not by a
 * fork() of its own: so it works with every C library and sanitizer.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int atfork_function(void (*)(void), void (*)(void), void (*)(void), void *);

/* The GNU library's pthread_atfork() is not in the shared library, but calls this; in others,
 * pthread_atfork() is, and ignores the fourth argument. */
extern atfork_function __register_atfork __attribute__((weak));

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
    atfork_function *at_fork = __register_atfork;
    const char *text = getenv("SLOW_FORK_MS");
    /* strtol() has other names in other versions of the GNU library, which others lack. */
    for (text = text != NULL ? text : "5"; *text >= '0' && *text <= '9'; text++)
        milliseconds = milliseconds * 10 + *text - '0';
    if (at_fork == NULL)
        *(void **)&at_fork = dlsym(RTLD_DEFAULT, "pthread_atfork");
    if (at_fork != NULL && milliseconds > 0)
        at_fork(delay, NULL, NULL, NULL);
}
