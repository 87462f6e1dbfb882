/* Answers are lines of text; stdio puts the pieces together. */
#include "error_reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int serve(int in, int out, work_function *work)
{
    long input, result;
    FILE *lines = fdopen(dup(out), "w");
    while (read(in, &input, sizeof input) == sizeof input) {
        char message[MESSAGE_ROOM] = "";
        if (work(input, &result, message) == 0)
            fprintf(lines, "0 %ld", result);
        else
            fprintf(lines, "1 %s", message);
        fputc('\0', lines);
        fflush(lines);
    }
    fclose(lines);
    return 0;
}

int fetch(int from, long *result, char *message)
{
    char line[MESSAGE_ROOM + 32];
    size_t size = 0;
    do
        if (read(from, &line[size], 1) != 1)
            return -2;
    while (line[size++] != '\0');
    if (line[0] == '1') {
        strcpy(message, line + 2);
        return -1;
    }
    return sscanf(line + 2, "%ld", result) == 1 ? 0 : -2;
}
