/*
 * error_reply.h: exercise 11. The task is in README.md.
 */
#ifndef ERROR_REPLY_H
#define ERROR_REPLY_H

#define MESSAGE_ROOM 128

/* Work on the input: 0 and *result; or -1 and a message, a string of at most MESSAGE_ROOM bytes
 * with its '\0'. */
typedef int work_function(long input, long *result, char *message);

int serve(int in, int out, work_function *work);
int fetch(int from, long *result, char *message);

#endif
