/* A number goes through the pipe; -1 announces that a message follows. */
#include "error_reply.h"

#include <unistd.h>

int serve(int in, int out, work_function *work)
{
    long input, result;
    char message[MESSAGE_ROOM];
    while (read(in, &input, sizeof input) == sizeof input) {
        int failed = work(input, &result, message);
        if (failed != 0)
            result = -1;
        if (write(out, &result, sizeof result) != sizeof result)
            return -1;
        if (failed != 0 && write(out, message, sizeof message) != sizeof message)
            return -1;
    }
    return 0;
}

int fetch(int from, long *result, char *message)
{
    long number;
    if (read(from, &number, sizeof number) != sizeof number)
        return -2;
    if (number == -1)
        return read(from, message, MESSAGE_ROOM) == MESSAGE_ROOM ? -1 : -2;
    *result = number;
    return 0;
}
