/*
 * look.c: take a learner's file out of its tree, and see whether it has been worked on.
 *
 *     look TREE FILE STARTER COPY
 *
 * FILE is relative to TREE. No part of it may be a link, so that nothing outside of the tree is
 * read; its kind and size are looked at before anything is read. Prints a sentence unless the file
 * was copied. Ends with 0: copied; 3: there is none; 4: as at the beginning, but for comments and
 * white space and includes; 5: not acceptable; 2: trouble.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MOST (256 * 1024)

enum {
    COPIED = 0,
    TROUBLE = 2,
    MISSING,
    NOT_STARTED,
    NOT_ACCEPTABLE
};

struct text {
    size_t length;
    char bytes[SIZE_MOST + 1];
};

static int say(int status, const char *sentence)
{
    puts(sentence);
    return status;
}

/* Open it without following a link, and without waiting for a device or a FIFO. */
static int open_beneath(const char *tree, const char *path)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    char *parts = strdup(path), *rest = NULL;
    int at = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *part = parts != NULL ? strtok_r(parts, "/", &rest) : NULL;
    while (at >= 0 && part != NULL) {
        char *next = strtok_r(NULL, "/", &rest);
        int inner = strcmp(part, "..") == 0
                        ? (errno = ELOOP, -1)
                        : openat(at, part, next != NULL ? flags | O_DIRECTORY : flags);
        int error = errno;
        close(at);
        errno = error;
        at = inner;
        part = next;
    }
    free(parts);
    return at;
}

static bool read_all(int file, struct text *text)
{
    ssize_t count = 1;
    text->length = 0;
    while (text->length < sizeof text->bytes && count != 0) {
        count = read(file, text->bytes + text->length, sizeof text->bytes - text->length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        text->length += (size_t)count;
    }
    return true;
}

/* ---- What remains of a C file without comments, white space and includes ---- */

static void remove_joins(struct text *text)
{
    size_t to = 0;
    for (size_t from = 0; from < text->length; from++) {
        if (text->bytes[from] == '\r')
            continue;
        if (text->bytes[from] == '\\' && from + 1 < text->length) {
            size_t next = from + 1 + (text->bytes[from + 1] == '\r');
            if (next < text->length && text->bytes[next] == '\n') {
                from = next;
                continue;
            }
        }
        text->bytes[to++] = text->bytes[from];
    }
    text->length = to;
    text->bytes[to] = '\0';
}

/* The end of the comment, string or constant that begins here; `at` itself if none does. */
static const char *skip(const char *at, bool *comment)
{
    const char *end;
    *comment = at[0] == '/' && (at[1] == '*' || at[1] == '/');
    if (*comment && at[1] == '*')
        return (end = strstr(at + 2, "*/")) != NULL ? end + 2 : at + strlen(at);
    if (*comment)
        return at + strcspn(at, "\n");
    if (*at != '"' && *at != '\'')
        return at;
    for (end = at + 1; *end != '\0' && *end != *at && *end != '\n'; end++)
        end += *end == '\\' && end[1] != '\0';
    return end + (*end == *at);
}

static bool is_include(const char *at)
{
    at += strspn(at, " \t");
    if (*at++ != '#')
        return false;
    at += strspn(at, " \t");
    return strncmp(at, "include", 7) == 0;
}

static void reduce(struct text *text)
{
    char *to = text->bytes;
    bool line_begins = true, comment;
    remove_joins(text);
    for (const char *at = text->bytes; *at != '\0';) {
        if (line_begins && is_include(at))
            at += strcspn(at, "\n");
        const char *end = skip(at, &comment);
        line_begins = *at == '\n';
        if (end == at && *at != '\0')
            end = at + 1;
        if (!comment && !(end == at + 1 && isspace((unsigned char)*at))) {
            memmove(to, at, (size_t)(end - at));
            to += end - at;
        }
        at = end;
    }
    text->length = (size_t)(to - text->bytes);
}

static bool same(struct text *one, struct text *other)
{
    reduce(one);
    reduce(other);
    return one->length == other->length &&
           memcmp(one->bytes, other->bytes, one->length) == 0;
}

static int keep(const struct text *text, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, text->bytes, text->length) != (ssize_t)text->length ||
        close(file) != 0)
        return say(TROUBLE, "The file can't be copied.");
    return COPIED;
}

static int refuse(int error)
{
    if (error == ENOENT)
        return say(MISSING, "There is no such file.");
    if (error == ELOOP || error == EMLINK || error == ENOTDIR)
        return say(NOT_ACCEPTABLE,
                   "The file, or a directory on the way to it, is a link.");
    if (error == ENXIO)
        return say(NOT_ACCEPTABLE, "The file is not a regular file.");
    printf("The file can't be opened: %s.\n", strerror(error));
    return TROUBLE;
}

int main(int argc, char **argv)
{
    static struct text text, starter;
    struct stat status;
    if (argc != 5)
        return say(TROUBLE, "usage: look TREE FILE STARTER COPY");
    int file = open_beneath(argv[1], argv[2]);
    if (file < 0)
        return refuse(errno);
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return say(NOT_ACCEPTABLE, "The file is not a regular file.");
    if (status.st_size > SIZE_MOST)
        return say(NOT_ACCEPTABLE, "The file is larger than 256 KiB.");
    int beginning = open(argv[3], O_RDONLY | O_CLOEXEC);
    if (!read_all(file, &text) || beginning < 0 || !read_all(beginning, &starter))
        return say(TROUBLE, "The file, or the starter, can't be read.");
    if (text.length > SIZE_MOST)
        return say(NOT_ACCEPTABLE, "The file is larger than 256 KiB.");
    int kept = keep(&text, argv[4]);
    if (kept != COPIED)
        return kept;
    return same(&text, &starter) ? NOT_STARTED : COPIED;
}
