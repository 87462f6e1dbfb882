/*
 * signals.c: see signals.h.
 */
#include "signals.h"

/* The foreman's bell: a signal handler has no argument to find it by. NULL: there are no
 * handlers. */
static _Atomic uint32_t *handlers_bell;
static volatile sig_atomic_t parent_ended; /* or another process sent that signal */

/* No wake-up is needed: a signal interrupts the sleep, and one just before the sleep has changed
 * the bell. */
static void on_signal(int signal)
{
    if (signal == PARENT_ENDED)
        parent_ended = 1;
    atomic_fetch_add(handlers_bell, 1);
}

static void set_disposition(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL); /* EINVAL for those that can't be set: fine */
}

void signals_reset(void)
{
    handlers_bell = NULL;
    for (int number = 1; number < 65; number++)
        set_disposition(number, SIG_DFL);
}

void signals_listen(struct shared *shared)
{
    sigset_t signals;
    handlers_bell = &shared->foreman_bell;
    set_disposition(SIGCHLD, on_signal);
    set_disposition(PARENT_ENDED, on_signal);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, PARENT_ENDED);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

void signals_unlisten(void)
{
    if (handlers_bell == NULL)
        return;
    set_disposition(SIGCHLD, SIG_DFL);
    set_disposition(PARENT_ENDED, SIG_DFL);
}

bool signals_parent_ended(void)
{
    if (!parent_ended)
        return false;
    parent_ended = 0;
    return true;
}
