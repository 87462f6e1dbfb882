/*
 * judge.h: for the judges, one for each exercise.
 *
 * A judge is a program that runs the learner's program and observes it. It shares no memory and
 * no descriptor with it. What the learner's function calls in its children belongs to the
 * harness, so the judge hears of each call and can hold it as long as it wants: that is how it
 * shows which processes run at the same time, without a clock.
 *
 * The exercise's judge.c is a list of scenes. Each runs in a new process of the judge's, with a
 * new process of the learner's; the first that fails is the verdict, so a mistake gets one hint.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"
#include "procfs.h"

/* For await(): seconds in which no process of the program does anything. STUCK means that none
 * ever will again unless the judge lets it. SETTLED is for looking whether something more comes
 * that should not. Neither is a time-out: a process that waits for a processor is not quiet, so
 * a slow machine makes no difference. */
#define STUCK   1.5
#define SETTLED 0.1

struct session; /* one run of the learner's program */

/* A process of the program asks and waits for the reply. */
struct request {
    struct message message; /* its numbers may be anything: see number_in() */
    pid_t pid;              /* from the kernel */
    pid_t own_id;           /* what getpid() returns in that process: for messages */
    pid_t parent;           /* its parent when it asked */
    bool gone;              /* it died before the reply */
    /* The engine's. */
    bool taken, mute;
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
    int setting; /* where the program's stdout goes: an enum output; or the cue for a call that
                  * fails (message.h): then it goes to a pipe */
};

struct exercise {
    const char *function; /* the learner's: "run_child()" */
    /* The last has no name. Those in which a call fails pass only if the first does: a function
     * that does nothing but return -1 has not dealt with a failure. */
    const struct scene *scenes;
    /* The program ended before it should: fail() with what this means here, or return for the
     * usual words. May be NULL. */
    void (*ended)(struct session *session, int status);
};

extern const struct exercise exercise; /* defined by the exercise's judge.c */

/* The call that fails in this scene. */
struct failing {
    int cue;
    const char *what; /* as a sentence begins: "The third fork()" */
    const char *call; /* "fork()" */
};

const struct failing *failing_call(void);

/* Tell the process that calls the learner's function to call it. */
void cue(struct session *session, struct message message);

/* The next request of one of these kinds (1u << kind), the oldest first; waits for it. NULL:
 * the program has been quiet for that long. Everything that can go wrong with any program ends
 * the scene here. */
struct request *await(struct session *session, unsigned kinds, double quiet);
void reply(struct session *session, struct request *request, long value);

/* A number of a request that is used as an index or a count: the scene fails unless it is in
 * these bounds. What a learner can get wrong has a better sentence, and is checked before. */
long number_in(struct session *session, const struct request *request, int which,
               long least, long most);

/* What the harness reports when the learner's function has returned comes from the process that
 * called it; else the scene fails. */
void from_caller(struct session *session, const struct request *request);

/* Requests taken and not replied to whose process died since: one of them, or NULL. */
struct request *await_death(struct session *session, double quiet);

/* The learner's function returned: what the harness says of it. Fails if it does not return. */
struct message await_answer(struct session *session);

/* Wait until no process of the program has anything to do. */
void settle(struct session *session);

/* The learner's function has returned; it must not have left anything: no child that was not
 * waited for, no descriptor. */
void check_tidy(struct session *session);
void except(struct session *session, pid_t pid); /* this child is the harness's */

/* Tell the program to end; what it printed to stdout, to its end. */
const char *printed_to_the_end(struct session *session);

/* The process that calls the learner's function; and its id as that process knows it. */
pid_t caller(const struct session *session);
long caller_own_id(const struct session *session);

double now(void);
void pause_for(double seconds);
const char *plural(long count); /* "s" or "" */
const char *describe_descriptor(const struct descriptor *descriptor);
const char *describe_status(int status); /* of wait() */

/* From `least` to `most`, both included; the same for the same seed. No scene may rely on
 * numbers that a program could know. */
long random_number(long least, long most);
void shuffle(int *numbers, int count); /* 0 to count - 1, in any order */

/* The end: not passed. The hint's name is that of the wrong solution that must get it. */
__attribute__((format(printf, 3, 4))) _Noreturn void fail(struct session *session,
                                                          const char *hint,
                                                          const char *format, ...);

/* The judge itself can't go on: no verdict. */
__attribute__((format(printf, 1, 2))) _Noreturn void broken(const char *format, ...);

#endif
