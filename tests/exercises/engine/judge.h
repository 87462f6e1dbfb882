/*
 * judge.h: for the judges, one for each exercise.
 *
 * A judge is a program that runs the learner's program and looks at what becomes of it. It
 * shares no memory and no descriptor with it. What the learner's function calls in its
 * children is the harness's, so the judge hears of it and can hold it as long as it wants:
 * that is how it shows what runs at the same time, without a clock.
 *
 * The exercise's judge.c is a list of scenes. Each runs in a new process; the first
 * that fails is the verdict, so a mistake gets one hint.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"
#include "procfs.h"

/* For await(): seconds in which nobody in the program does anything. STUCK means that they
 * never will again, unless the judge lets them. SETTLED is for looking whether something
 * more comes that should not. Neither is a time-out: a process that waits for a processor
 * is not quiet, so a slow machine makes no difference. */
#define STUCK   1.5
#define SETTLED 0.1

struct session; /* one run of the learner's program */

/* Somebody in the program asks and waits for the reply. */
struct request {
    struct message message;
    pid_t pid;    /* from the kernel */
    pid_t parent; /* its parent when it asked */
    bool gone;    /* it died before the reply */
    /* The engine's. */
    bool taken;
    int connection;
    struct request *next;
};

enum output {
    TO_PIPE,
    TO_FILE,
    TO_TERMINAL
};

struct scene {
    const char *what; /* what it shows, in a line */
    void (*act)(struct session *session);
    enum output output; /* where the program's stdout goes */
};

struct exercise {
    const char *function;       /* the learner's: "run_child()" */
    const struct scene *scenes; /* the last has no name */
    /* The program ended before it should: fail() with what this means here, or return for
     * the usual words. May be NULL. */
    void (*ended)(struct session *session, int status);
};

extern const struct exercise exercise; /* defined by the exercise's judge.c */

/* Tell the process that calls the learner's function to call it. */
void cue(struct session *session, struct message message);

/* The next request of one of these kinds (1u << kind), the oldest first; waits for it. NULL:
 * the program has been quiet for that long. Everything that can go wrong with any program
 * ends the judge here. */
struct request *await(struct session *session, unsigned kinds, double quiet);
void reply(struct session *session, struct request *request, long value);

/* Requests taken and not replied to whose process died since: one of them, or NULL. */
struct request *await_death(struct session *session, double quiet);

/* The learner's function returned: what the harness says of it. Fails if it does not return. */
struct message await_answer(struct session *session);

/* Wait until nobody in the program has anything to do. */
void settle(struct session *session);

/* The learner's function has returned; it must not have left anything: no child that nobody
 * waited for, no descriptor. */
void check_tidy(struct session *session);
void except(struct session *session, pid_t pid); /* this child is the harness's */

/* Tell the program to end; what it printed to stdout, to its end. */
const char *printed_to_the_end(struct session *session);

pid_t caller(
    const struct session *session); /* the process that calls the learner's function */
double now(void);
void pause_for(double seconds);
long random_number(long least, long most);
const char *plural(long count); /* "s" or "" */
const char *describe_descriptor(const struct descriptor *descriptor);
const char *describe_status(int status); /* of wait() */

/* The end: not passed. The hint's name is that of the wrong solution that must get it. */
__attribute__((format(printf, 3, 4))) _Noreturn void fail(struct session *session,
                                                          const char *hint,
                                                          const char *format, ...);

/* The judge itself can't go on. */
__attribute__((format(printf, 1, 2))) _Noreturn void broken(const char *format, ...);

#endif
