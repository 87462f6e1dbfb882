/*
 * message.h: what the learner's program and the judge say to each other.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

enum {
    KIND_END = -1,  /* judge to program: return from main() */
    KIND_READY = 0, /* program to judge: what shall I do? */
    KIND_ANSWER,    /* program to judge: done, what next? */
    KIND_FIRST      /* an exercise's own kinds are from here to 31 */
};

/* Cues for a call that is to fail in the program: driver_let_fail(). An exercise's own are below. */
enum {
    CUE_NO_FORK = 16,
    CUE_TWO_FORKS, /* and the third fails */
    CUE_NO_PIPE
};

struct message {
    int kind;
    int descriptor; /* the one the program uses for asking; not the learner's */
    long value[6];
    char text[160];
};

#endif
