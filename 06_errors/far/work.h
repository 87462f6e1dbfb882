/*
 * work.h: the functions that a node serves, by name. Of a function only the name travels, so the
 * client and every node are built from the same sources, for the same kind of machine.
 */
#ifndef WORK_H
#define WORK_H

#include <stddef.h>
#include <stdint.h>

#include "future.h"

struct work {
    const char *name;
    future_function *function;
    size_t argument_size; /* bytes at least */
    size_t result_size;
};

/* All of them; the last one's name is null. */
extern const struct work works[];

/* Compute and remember what the functions need. Call it before pool_open(), so that the
 * workers inherit it. */
void work_prepare(void);

/* "do_work": the article's task. Returns an int, the square of `task`, after a nap; if told to,
 * it fails, crashes, or takes the whole node down with it. */
enum square_how {
    SQUARE_WELL,
    SQUARE_FAILS,
    SQUARE_CRASHES,
    SQUARE_KILLS_NODE
};

struct square {
    int task;
    int milliseconds;
    enum square_how how;
};

/* "checksum": the argument is an absolute file name, the result a struct sum. Fails with
 * NOT_REGULAR for a pipe, terminal or device: those have other contents on each machine. */
#define NOT_REGULAR 1

/* "compute" and "nap": microseconds to be busy or asleep, a long. The result is one, too. */

/* "append": append a line to a file, then nap: a task that must not run twice.
 * "append_once" may: it makes a file for each line number, and only the run that makes it
 * appends the line. */
struct append {
    int number;
    int milliseconds;
    char file[240];
};

#endif
