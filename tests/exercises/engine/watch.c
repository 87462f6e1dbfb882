/*
 * watch.c: limits of the learner's program, and ends that come too early. See session.h.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "creations.h"
#include "patience.h"
#include "session.h"

static void check_memory(struct session *session, size_t pages)
{
    if (pages > (size_t)SANDBOX_MEMORY / (size_t)sysconf(_SC_PAGESIZE))
        fail(session, "memory",
             "The program's processes took more than %ld MiB of memory and were ended.",
             SANDBOX_MEMORY >> 20);
}

/* Where there are namespaces, the place itself is limited. */
static void check_files(struct session *session)
{
    if (creations_count() > CREATIONS_MOST)
        fail(session, "disk",
             "The program made more than %d files, or shared objects, and was ended.",
             CREATIONS_MOST);
    if (creations_bytes() > CREATIONS_BYTES)
        fail(session, "disk",
             "The files that the program made took more than %ld MiB. They were removed.",
             CREATIONS_BYTES >> 20);
}

static void check_time(struct session *session, double cpu, double previous)
{
    if (!session->cpu_known || session->event >= previous)
        session->cpu = cpu;
    session->cpu_known = true;
    if (cpu - session->cpu > SANDBOX_CPU)
        fail(
            session, "endless_loop",
            "The program used %.0f seconds of processor time while nothing else happened: an "
            "endless loop, or one that asks again and again instead of waiting.",
            cpu - session->cpu);
    if (session->look - session->begun > patience(SANDBOX_SECONDS))
        fail(session, "too_long", "%s was not done after %.0f seconds and was ended.",
             exercise.function, patience(SANDBOX_SECONDS));
}

/* A process in this state runs, or waits for a processor. */
static bool is_busy(char state)
{
    return strchr("SZTtX", state) == NULL; /* 0, for one that is gone, is found, too */
}

/* Look at all processes: too many, too large, one that loops, one that is busy at all? */
void watch(struct session *session)
{
    static struct process members[PROCESS_ROOM];
    size_t count = descendants(session->sandbox.init, members), pages = 0;
    double cpu = 0;
    /* The init is busy when it has to tell that the program ended, and waits for a processor. */
    bool busy = is_busy(process_state(session->sandbox.init));
    if (session->printed > SANDBOX_OUTPUT)
        fail(
            session, "flood",
            "The program printed more than %ld KiB and was ended. Is there a loop without "
            "an end?",
            SANDBOX_OUTPUT / 1024);
    for (size_t i = 0; i < count && i < PROCESS_ROOM; i++) {
        cpu += members[i].cpu;
        pages += members[i].pages;
        busy = busy || is_busy(members[i].state);
    }
    const double previous = session->look;
    session->look = now();
    if (count > SANDBOX_PROCESSES)
        fail(
            session, "fork_bomb",
            "The program had %zu processes at a time, and they were ended. Which of them "
            "call fork(), and how often?",
            count);
    check_memory(session, pages);
    check_files(session);
    if (busy)
        session->busy = session->look;
    check_time(session, cpu, previous);
}

static void fail_by_signal(struct session *session, int signal_number)
{
    if (signal_number == SIGSYS)
        fail(
            session, "kills_all",
            "The program tried to signal or to change processes that are not its own: all "
            "there are, or the judge's. Is the process id that kill() was given the -1 of a "
            "fork() that failed?");
    if (signal_number == SIGXFSZ)
        fail(session, "flood", "The program wrote more than %ld MiB and was ended.",
             8 * SANDBOX_OUTPUT >> 20);
    if (signal_number == SIGXCPU)
        fail(session, "endless_loop", "The program used up its processor time.");
}

_Noreturn void ended_early(struct session *session)
{
    int status = session->status;
    output_drain(session);
    if (!session->ready)
        fail(session, "no_contact", "The program %s before main() came to call %s.",
             describe_status(status), exercise.function);
    if (exercise.ended != NULL)
        exercise.ended(session, status);
    if (WIFSIGNALED(status))
        fail_by_signal(session, WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 97)
        fail(
            session, "lost_contact",
            "The program could not open one more descriptor, or closed the judge's. Were all "
            "descriptors used up?");
    if (WIFSIGNALED(status))
        fail(session, "crashed", "%s did not return: the process that called it %s.",
             exercise.function, describe_status(status));
    fail(
        session, "exited",
        "%s did not return: the process that called it %s. Only a child may end inside the "
        "function.",
        exercise.function, describe_status(status));
}
