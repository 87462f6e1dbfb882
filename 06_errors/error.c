/*
 * error.c: see error.h. Nothing below this chapter knows of messages: they lie in the
 * room that a future has for its result, and a failed future has no result.
 */
#include "error.h"

#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

static const char cut[] = "...";

/* Formatted elsewhere first: the arguments may point into the result. */
int task_error(const char *format, ...)
{
    struct future *future = future_current();
    if (future == NULL)
        return TASK_ERROR;
    size_t size;
    char *room = future_room(future, &size);
    char message[1024];
    size_t limit = size < sizeof message ? size : sizeof message;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, limit, format, arguments);
    va_end(arguments);
    if (length < 0)
        strcpy(message, "a message that could not be formatted");
    else if ((size_t)length >= limit)
        memcpy(message + limit - sizeof cut, cut, sizeof cut);
    memcpy(room, message, strlen(message) + 1);
    return TASK_ERROR;
}

static const char *describe_failure(struct future *future)
{
    size_t size;
    char *room = future_room(future, &size);
    if (future_returned(future) != TASK_ERROR)
        snprintf(room, size, "returned %d", future_returned(future));
    return room;
}

static const char *describe_death(struct future *future)
{
    size_t size;
    char *room = future_room(future, &size);
    int status = future_worker_status(future);
    if (WIFSIGNALED(status))
        snprintf(room, size, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(room, size, "exited with status %d", WEXITSTATUS(status));
    return room;
}

const char *future_error(struct future *future)
{
    switch (future_status(future)) {
    case FUTURE_OK:
        return NULL;
    case FUTURE_FAILED:
        return describe_failure(future);
    case FUTURE_CANCELLED:
        return "cancelled";
    case FUTURE_STOPPED:
        return "stopped";
    case FUTURE_EXPIRED:
        return "stopped at its time limit";
    case FUTURE_LOST:
        return describe_death(future);
    case FUTURE_BROKEN:
        return pool_broken(task_pool(task_of(future)));
    default:
        return "not ended yet";
    }
}
