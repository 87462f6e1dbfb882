/*
 * error_reply.c: exercise 11. README.md says what to do; make exercise-11 says how you are doing.
 */
#include "error_reply.h"

#include <errno.h>
#include <unistd.h>

/*
 * In the worker. For each input, a long that comes through `in`, call work(), and write to `out`
 * what became of it. Return 0 when no more inputs come.
 */
int serve(int in, int out, work_function *work)
{
    /* TODO */
    (void)in;
    (void)out;
    (void)work;
    return -1;
}

/*
 * In the program. What became of the next input, as serve() wrote it: 0 and *result, or -1 and the
 * message, in memory of MESSAGE_ROOM bytes. -2: the worker is gone, there is no answer.
 */
int fetch(int from, long *result, char *message)
{
    /* TODO */
    (void)from;
    (void)result;
    (void)message;
    return -2;
}
