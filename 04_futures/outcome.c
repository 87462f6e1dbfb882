/*
 * outcome.c: what became of a future: look, wait, read the result; take it back.
 */
#include <errno.h>

#include "program.h"
#include "record.h"

/* ---- Look ---- */

enum future_status future_status(struct future *future)
{
    if (future == NULL) {
        errno = EINVAL;
        return FUTURE_MISUSE;
    }
    enum task_state state = task_state(task_of(future));
    if (state == TASK_DONE)
        return future->returned == 0 ? FUTURE_OK : FUTURE_FAILED;
    switch (state) {
    case TASK_CANCELLED:
        return FUTURE_CANCELLED;
    case TASK_STOPPED:
        return FUTURE_STOPPED;
    case TASK_EXPIRED:
        return FUTURE_EXPIRED;
    case TASK_LOST:
        return FUTURE_LOST;
    case TASK_BROKEN:
        return FUTURE_BROKEN;
    default:
        return FUTURE_TIMEOUT;
    }
}

bool future_done(struct future *future)
{
    return future_status(future) != FUTURE_TIMEOUT;
}

bool future_running(struct future *future)
{
    return future != NULL && task_state(task_of(future)) == TASK_RUNNING;
}

bool future_cancelled(struct future *future)
{
    return future_status(future) == FUTURE_CANCELLED;
}

int future_returned(struct future *future)
{
    return future_status(future) == FUTURE_FAILED ? future->returned : 0;
}

int future_worker_status(struct future *future)
{
    return future_status(future) == FUTURE_LOST ? task_worker_status(task_of(future)) : 0;
}

void *future_value(struct future *future)
{
    return future_status(future) == FUTURE_OK ? result_of(future) : NULL;
}

bool future_crash(struct future *future, const void **code, const void **data)
{
    if (future_status(future) != FUTURE_LOST || future->returned != CRASHED)
        return false;
    *code = future->crash_code;
    *data = future->crash_data;
    return true;
}

const char *future_status_name(enum future_status status)
{
    static const char *const name[] = {"finished", "failed",  "pending", "cancelled",
                                       "stopped",  "expired", "lost",    "broken"};
    if (status < 0 || (size_t)status >= sizeof name / sizeof *name)
        return "misuse";
    return name[status];
}

int future_print(struct future *future, FILE *stream)
{
    enum future_status status = future_status(future);
    const char *state = future_running(future) && status == FUTURE_TIMEOUT
                            ? "running"
                            : future_status_name(status);
    return fprintf(stream, "<Future at %p state=%s>", (void *)future, state);
}

/* ---- Wait, take back ---- */

enum future_status future_result(struct future *future, double timeout, void *result)
{
    if (future == NULL)
        return future_status(future);
    struct task *task = task_of(future);
    int held = task_wait_and_hold(task, timeout);
    if (held < 0)
        return errno == ETIMEDOUT ? FUTURE_TIMEOUT : FUTURE_MISUSE;
    enum future_status status = future_status(future);
    if (status == FUTURE_OK && result != NULL)
        copy(result, result_of(future), (size_t)future->result_size);
    if (held > 0)
        pool_release(task_pool(task));
    return status;
}

bool future_cancel(struct future *future)
{
    return (future != NULL && task_cancel(task_of(future)) == 0) ||
           future_cancelled(future);
}

bool future_stop(struct future *future)
{
    if (future != NULL && task_stop(task_of(future)) == 0)
        return true;
    enum future_status status = future_status(future);
    return status == FUTURE_CANCELLED || status == FUTURE_STOPPED;
}
