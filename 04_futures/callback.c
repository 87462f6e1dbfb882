/*
 * callback.c: a future's callback is called by that of its task: see task_on_end().
 */
#include <errno.h>
#include <stdlib.h>

#include "future.h"
#include "program.h"

struct pending {
    future_callback *callback;
    void *argument;
};

static void run_callback(struct task *task, void *argument)
{
    struct pending pending = *(struct pending *)argument;
    free(argument);
    pending.callback(task_argument(task), pending.argument);
}

int future_on_end(struct future *future, future_callback *callback, void *argument)
{
    if (future == NULL || callback == NULL) {
        errno = EINVAL;
        return -1;
    }
    struct pending *pending = malloc(sizeof *pending);
    if (pending == NULL)
        return -1;
    *pending = (struct pending){callback, argument};
    if (task_on_end(task_of(future), run_callback, pending) == 0)
        return 0;
    int saved = errno;
    free(pending);
    errno = saved;
    return -1;
}
