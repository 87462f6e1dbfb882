/*
 * run.c: the worker's side of a future: call its function, note what it returned, or where it
 * crashed.
 */
#include "record.h"

/* What the worker runs now. The one thing a process must remember about itself here. */
struct current {
    struct future *future;
    unsigned
        process; /* a process that the task forks, or a worker of its pool, has a copy */
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
    /* Not for a child that the function forked: the future may be gone by now. */
    if (task_process() == process)
        future->returned = returned;
}
