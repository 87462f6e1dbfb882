/*
 * collect.c: exercise 4. README.md says what to do; make exercise-04 says how you are doing.
 */
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Start `children` child processes, let each call produce(), and collect what all of them write
 * into records[], in any order. There is room for `room` records, and never are there more.
 *
 * Returns the number of records, or -1 if it could not be done.
 */
ssize_t collect(int children, struct record *records, size_t room)
{
    /* TODO: a pipe for each child, read to its end. */
    (void)children;
    (void)records;
    (void)room;
    return -1;
}
