/*
 * solution.c: exercise 7, the reference.
 */
#include "desk_result.h"

#include <errno.h>
#include <unistd.h>

int desk_result(struct desk *desk, int ticket, long *value)
{
    while (!desk->known[ticket]) {
        struct answer answer;
        ssize_t count = read(desk->answers, &answer, sizeof answer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count != sizeof answer)
            return -1;
        /* Whosever it is: it comes only once. */
        desk->value[answer.ticket] = answer.value;
        desk->known[answer.ticket] = true;
    }
    *value = desk->value[ticket];
    return 0;
}
