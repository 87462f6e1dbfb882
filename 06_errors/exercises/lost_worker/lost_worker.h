/*
 * lost_worker.h: exercise 12. The task is in README.md.
 */
#ifndef LOST_WORKER_H
#define LOST_WORKER_H

#include <stddef.h>

#define CREW_MOST 8

/* A worker reads a long, an input, works on it, writes a long, its result, and reads the next. */
struct worker {
    int to;   /* write an input here ... */
    int from; /* ... and read its result there */
};

struct crew {
    int workers;
    struct worker worker[CREW_MOST];
    /* Bury a worker that died and put a new one in its place, with new pipes. */
    void (*replace)(struct worker *worker);
};

enum outcome {
    OUTCOME_DONE = 1, /* there is a result */
    OUTCOME_LOST      /* its worker died with it */
};

int run_tasks(struct crew *crew, const long *inputs, long *results,
              enum outcome *outcomes, size_t count);

#endif
