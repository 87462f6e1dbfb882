/*
 * inside.h: what far.c, answer.c and connection.c know of each other. A future is in one of two
 * lists, those to be sent and those that were sent, until it has ended.
 */
#ifndef FAR_INSIDE_H
#define FAR_INSIDE_H

#include <libgearman/gearman.h>

#include "far.h"
#include "reply.h"

#define ID_SIZE 61

/* A ring; the head is one of them, too. */
struct link {
    struct link *next, *previous;
};

struct far {
    struct far_options is;
    gearman_client_st *client; /* NULL: not now */
    double connect_at;         /* seconds by demo_clock(): no attempt before that */
    double heard; /* when the last answer came, or waiting for one began (again) */
    int silences; /* how often patience has ended since the last answer */
    struct link to_send, sent;
    size_t in_transit;  /* sent, and the job server has not yet confirmed it */
    size_t in_flight;   /* sent, and not answered */
    size_t outstanding; /* to be sent, or sent and not answered */
    unsigned long number;
    char run[32]; /* part of each id: this program's alone */
};

struct far_future {
    struct link link; /* first: see future_in() */
    struct far *far;
    const char *function;
    enum future_status status; /* FUTURE_TIMEOUT: not ended */
    int returned, tries, times_sent;
    bool forgotten, own_id;
    double begun; /* it had begun to run at that time; 0: not known */
    char id[ID_SIZE], node[REPLY_NODE];
    size_t argument_size, result_size;
    char *content; /* result or message */
    unsigned char argument[];
};

static inline void put_last(struct link *list, struct link *link)
{
    link->next = list;
    link->previous = list->previous;
    list->previous->next = link;
    list->previous = link;
}

static inline void take_out(struct link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
}

static inline void move_first(struct link *from, struct link *to)
{
    struct link *link = from->next;
    take_out(link);
    put_last(to, link);
}

static inline bool is_empty(const struct link *list)
{
    return list->next == list;
}

static inline struct far_future *future_in(struct link *link)
{
    return (struct far_future *)(void *)link;
}

/* ---- answer.c ---- */

/* Have libgearman report what becomes of each task. */
void hear_answers(gearman_client_st *client);
void end_future(struct far_future *future, enum future_status status);
void end_as_lost(struct far_future *future, const char *why);
void give_back(struct far_future *future);

/* ---- connection.c ---- */

/* Send and receive what is possible without waiting; connect first, if it is time to. */
void step(struct far *far);

/* Wait for something to receive, at most so many seconds. */
void doze(struct far *far, double seconds);

/* The time until which to wait for an answer. After that, send again. */
double patient_until(const struct far *far);
void lose_patience(struct far *far);

#endif
