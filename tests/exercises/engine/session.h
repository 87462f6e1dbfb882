/*
 * session.h: the engine's own view of a run of the learner's program. For judges: judge.h.
 */
#ifndef SESSION_H
#define SESSION_H

#include "judge.h"
#include "sandbox.h"

#define TICK          0.02 /* seconds between two looks at the processes */
#define EXPECTED      8    /* children of the harness's own */
#define REQUESTS_MOST 512  /* connections at a time; more are no program's of a learner */
#define TEXT_ROOM     (64 * 1024)

/* What comes through one of the program's output streams. */
struct stream {
    int in; /* -1: ended */
    size_t length;
    char text[TEXT_ROOM];
};

struct session {
    struct sandbox sandbox;
    pid_t driver;        /* the process that calls the learner's function */
    pid_t driver_own_id; /* as it knows itself */
    bool ready, ended, ending;
    int status; /* of the driver, when it has ended */
    int listener;
    int file; /* TO_FILE: the file */
    struct stream out, err;
    size_t printed; /* bytes in all */
    struct request *requests;
    size_t request_count;
    struct request *prompt; /* the driver's, which waits for a cue */
    size_t descriptor_count;
    struct descriptor descriptors[DESCRIPTOR_ROOM]; /* before the first cue */
    pid_t excepted[EXPECTED];
    double begun, event, look; /* when: the session, the last event, the last look */
    double busy;               /* when a process was last seen to be busy */
    double cpu;                /* of all, when last there was an event */
    bool cpu_known;
};

/* session.c */
void session_prepare(int program);
struct session *session_begin(enum output output); /* ready for its first cue */
void session_end(struct session *session);         /* tell it to return from main() */
void session_kill(void);                           /* end it, from anywhere */
void session_pump(struct session *session);        /* wait for an event, a tick at most */

/* The processes that the learner's function has started. */
size_t session_children(struct session *session, struct process members[PROCESS_ROOM]);

/* tidy.c */
void session_finish(struct session *session); /* end it; it must end well, and alone */

/* watch.c: fails when a limit is passed. */
void watch(struct session *session);
_Noreturn void ended_early(struct session *session);

/* output.c */
int output_open(struct session *session,
                enum output output); /* what is to be its stdout */
int output_open_errors(struct session *session);
bool output_drain(
    struct session *session); /* read what there is; true if there was any */
void output_add_file(struct session *session);
void output_close(struct session *session);
const char *output_transcript(void); /* what was printed in this scene, for people */

/* request.c */
void requests_listen(struct session *session, char *name, size_t room);
void requests_accept(struct session *session);
void request_receive(struct session *session, struct request *request);
void request_forget(struct session *session, struct request *request);

#endif
