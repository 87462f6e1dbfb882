/* The next answer is taken for the right one. */
#include "desk_result.h"

#include <errno.h>
#include <unistd.h>

int desk_result(struct desk *desk, int ticket, long *value)
{
    struct answer answer;
    (void)ticket;
    if (read(desk->answers, &answer, sizeof answer) != sizeof answer)
        return -1;
    *value = answer.value;
    return 0;
}
