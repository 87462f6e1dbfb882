/* -1 stands for an error. */
#include "error_reply.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct answer {
    int status;
    long result;
    char message[MESSAGE_ROOM];
};

int serve(int in, int out, work_function *work)
{
    long input;
    for (;;) {
        ssize_t count = read(in, &input, sizeof input);
        if (count < 0 && errno == EINTR)
            continue;
        if (count != sizeof input)
            return count == 0 ? 0 : -1;
        struct answer answer = {.status = 0};
        if (work(input, &answer.result, answer.message) != 0)
            answer.result = -1;
        if (write(out, &answer, sizeof answer) != sizeof answer)
            return -1;
    }
}

int fetch(int from, long *result, char *message)
{
    struct answer answer;
    ssize_t count;
    do
        count = read(from, &answer, sizeof answer);
    while (count < 0 && errno == EINTR);
    if (count != sizeof answer)
        return -2;
    if (answer.result == -1) {
        strcpy(message, answer.message);
        return -1;
    }
    *result = answer.result;
    return 0;
}
