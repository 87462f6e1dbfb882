/*
 * process.h: a number that tells which process this is, at the cost of two loads.
 */
#ifndef PROCESS_H
#define PROCESS_H

/*
 * A number that this process has given itself and none of its ancestors had; 0 in a process that
 * has not called process_watch(). It is kept in a page that the kernel empties in a child
 * (MADV_WIPEONFORK), however the child was made: by fork(), _Fork() or clone(2).
 */
extern const unsigned *process_page;

static inline unsigned process_number(void)
{
    return *process_page;
}

/* Give this process its number, unless it has one. Not thread-safe: the caller must hold a lock.
 * */
void process_watch(void);

/* The same in two steps, for a worker: the foreman reserves a number before it forks, and each
 * worker takes it. So the worker changes no variable but the number: each page of variables that it
 * writes to has to be copied for it. */
void process_reserve(void);
void process_take(void);

#endif
