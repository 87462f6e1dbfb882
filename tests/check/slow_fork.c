/*
 * slow_fork.c: to be preloaded (LD_PRELOAD). It delays every fork() by SLOW_FORK_MS milliseconds
 * (default 5), as on a machine where a fork is slow. It does so in a handler that the C library
 * calls in the parent (pthread_atfork()), not by replacing fork(), so it works with every C
 * library and sanitizer.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static long milliseconds = 5;

static void delay(void)
{
    struct timespec left = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("SLOW_FORK_MS");
    if (text != NULL)
        milliseconds = strtol(text, NULL, 10);
    if (milliseconds > 0)
        pthread_atfork(delay, NULL, NULL);
}
