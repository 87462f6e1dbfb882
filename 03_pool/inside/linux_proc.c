/*
 * linux_proc.c: see linux_proc.h.
 */
#include "linux_proc.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

void proc_open(struct proc_file *file, const char *name)
{
    file->descriptor = open(name, O_RDONLY | O_CLOEXEC);
    file->at = file->length = 0;
}

/* gcc's analyzer takes what read() writes into the buffer for all of the structure. */
#if __GNUC__ >= 13
#pragma GCC diagnostic ignored "-Wanalyzer-fd-leak"
#endif

int proc_next(struct proc_file *file)
{
    if (file->at == file->length) {
        if (file->descriptor < 0)
            return EOF;
        ssize_t length = read(file->descriptor, file->buffer, sizeof file->buffer);
        if (length <= 0)
            return EOF;
        file->at = 0;
        file->length = (size_t)length;
    }
    return (unsigned char)file->buffer[file->at++];
}

void proc_close(struct proc_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
}

/* Place 2 is the name, in brackets, which may have any characters. */
long long process_stat(pid_t process, int place)
{
    char name[40] = "/proc/self/stat";
    struct proc_file stat;
    long long number = 0;
    int at = 0;
    if (process != 0)
        snprintf(name, sizeof name, "/proc/%ld/stat", (long)process);
    proc_open(&stat, name);
    for (int next; (next = proc_next(&stat)) != EOF && at <= place;) {
        if (next == ')')
            at = 2;
        else if (next == ' ' && at >= 2)
            at++;
        else if (at == place)
            number = 10 * number + (next - '0');
    }
    proc_close(&stat);
    return number;
}

long long proc_number(const char *name, const char *file)
{
    struct proc_file text;
    long long number = -1;
    int matched = 0; /* so far in this line; -1: it differs */
    proc_open(&text, file);
    for (int next; (next = proc_next(&text)) != EOF;) {
        bool named = matched >= 0 && name[matched] == '\0';
        if (named && next >= '0' && next <= '9')
            number = (number < 0 ? 0 : 10 * number) + (next - '0');
        else if (named && number >= 0)
            break;
        else if (!named)
            matched = next == '\n'                            ? 0
                      : matched >= 0 && next == name[matched] ? matched + 1
                                                              : -1;
    }
    proc_close(&text);
    return number;
}

size_t memory_left(void)
{
    static const char meminfo[] = "/proc/meminfo";
    if (proc_number("", "/proc/sys/vm/overcommit_memory") != 2)
        return SIZE_MAX;
    long long left = proc_number("CommitLimit:", meminfo) - /* both in KiB */
                     proc_number("Committed_AS:", meminfo);
    return left > 0 ? (size_t)left * 1024 : 0;
}

int process_has_mapping(pid_t process, const void *address)
{
    char text[40];
    struct proc_file maps;
    int found = -1, matched = 0; /* matched so far in this line; -1: it differs */
    snprintf(text, sizeof text, "/proc/%ld/maps", (long)process);
    proc_open(&maps, text);
    snprintf(text, sizeof text, "%lx-", (unsigned long)address);
    for (int next; found != 1 && (next = proc_next(&maps)) != EOF;) {
        found = 0;
        if (next == '\n')
            matched = 0;
        else if (matched >= 0 && next == text[matched])
            found = text[++matched] == '\0';
        else
            matched = -1;
    }
    proc_close(&maps);
    return found;
}
