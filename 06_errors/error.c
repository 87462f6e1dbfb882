/*
 * error.c: see error.h. Messages are in the margin of the future's task. A task writes its message
 * there; for a failure or a death without one, the program does. No earlier chapter knows of
 * messages.
 */
#include "error.h"

#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

static const char cut[] = "...";

static char *margin_of(struct future *future, size_t *size)
{
    return task_margin(task_of(future), size);
}

/* The end of the last whole character in the first `length` bytes: in UTF-8, the bytes of a
 * character behind its first one have the form 10xxxxxx. */
static char *whole_characters(char *text, size_t length)
{
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return text + length;
}

int task_error(const char *format, ...)
{
    struct future *future = future_current();
    if (future == NULL)
        return TASK_ERROR;
    size_t size;
    char *message = margin_of(future, &size);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, size, format, arguments);
    va_end(arguments);
    if (length < 0)
        strcpy(message, "a message that cannot be formatted");
    else if ((size_t)length >= size)
        memcpy(whole_characters(message, size - sizeof cut), cut, sizeof cut);
    return TASK_ERROR;
}

static const char *describe_failure(struct future *future)
{
    size_t size;
    char *message = margin_of(future, &size);
    if (future_returned(future) != TASK_ERROR)
        snprintf(message, size, "returned %d", future_returned(future));
    else if (*message == '\0')
        snprintf(message, size, "failed without a message");
    return message;
}

static const char *describe_death(struct future *future)
{
    size_t size;
    char *message = margin_of(future, &size);
    int status = future_worker_status(future);
    if (WIFSIGNALED(status))
        snprintf(message, size, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(message, size, "exited with status %d", WEXITSTATUS(status));
    return message;
}

const char *future_error(struct future *future)
{
    switch (future_status(future)) {
    case FUTURE_OK:
        return NULL;
    case FUTURE_MISUSE:
        return "no future";
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
