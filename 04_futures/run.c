/*
 * run.c: the worker's side of a future: call its function, note what it returned, or where it
 * crashed.
 */
#include <stdlib.h>

#include "record.h"

/* The future that this worker runs now. */
struct current {
    struct future *future;
    unsigned
        process; /* to which it belongs: a process that the task forks has a copy of this */
};
static struct current current;

struct future *future_current(void)
{
    return current.process == task_process() ? current.future : NULL;
}

void future_note_crash(const void *code, const void *data)
{
    struct future *future = future_current();
    if (future == NULL)
        return;
    future->crash_code = code;
    future->crash_data = data;
    future->returned = CRASHED;
}

void future_run(void *record)
{
    struct future *future = record;
    unsigned process = task_process();
    current = (struct current){.future = future, .process = process};
    int returned = future->work(argument_of(future), result_of(future));
    current.future = NULL;
    /* A child that the function forked: the future may have been freed by now. */
    if (task_process() != process)
        return;
    /* It crashed, and not once more after the handler, as another thread of the task had mended the
     * cause. But the note of the crash lies where the sizes were. */
    if (*(volatile int *)&future->returned == CRASHED)
        abort();
    future->returned = returned;
}
