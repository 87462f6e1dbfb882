/*
 * check_trace.c: check that a file is a trace that Perfetto shows as intended.
 *
 *     check_trace TRACE
 *
 * It must be strict JSON (RFC 8259): an array of objects. Each is an event of the
 * "Trace Event Format": here a piece of metadata (M), a complete event (X) or an instant (i).
 * Each track has one name, and its slices do not overlap: Perfetto would nest or drop them.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SLICES 100000
#define MOST_TRACKS 5000
#define LENGTH      64

struct event {
    char name[LENGTH], ph[LENGTH], track_name[LENGTH];
    double ts, dur, pid, tid;
    bool has_name, has_ph, has_track_name, has_ts, has_dur, has_pid, has_tid;
};

struct slice {
    double start, end;
    int track;
};

static char *text, *at;
static struct slice slices[MOST_SLICES];
static size_t slice_count;
static char track_name[MOST_TRACKS][LENGTH];

static _Noreturn void bad(const char *format, ...)
{
    int line = 1;
    va_list arguments;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    fprintf(stderr, "check_trace: line %d: ", line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

/* ---- JSON ---- */

static char next(void)
{
    at += strspn(at, " \t\r\n");
    return *at;
}

static void expect(char c)
{
    if (next() != c)
        bad("'%c' expected, not '%.10s'", c, at);
    at++;
}

/* Read a string into value, cut to its size. */
static void read_string(char value[LENGTH])
{
    size_t length = 0;
    expect('"');
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            bad("a control character in a string, or no end of it");
        if (*at == '\\' && (at[1] == '\0' || strchr("\"\\/bfnrtu", *++at) == NULL))
            bad("an escape that there is not");
        if (length < LENGTH - 1)
            value[length++] = *at;
    }
    value[length] = '\0';
    at++;
}

static void digits(void)
{
    if (!isdigit((unsigned char)*at))
        bad("a digit expected");
    at += strspn(at, "0123456789");
}

static double read_number(void)
{
    next();
    const char *start = at;
    if (*at == '-')
        at++;
    if (*at == '0' && isdigit((unsigned char)at[1]))
        bad("a number that begins with 0");
    digits();
    if (*at == '.') {
        at++;
        digits();
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        digits();
    }
    return strtod(start, NULL);
}

static void skip_value(void);

static void skip_list(char open, char close)
{
    char key[LENGTH];
    expect(open);
    if (next() == close) {
        at++;
        return;
    }
    for (;;) {
        if (open == '{') {
            read_string(key);
            expect(':');
        }
        skip_value();
        if (next() == close)
            break;
        expect(',');
    }
    at++;
}

static void skip_value(void)
{
    static const char *const words[] = {"true", "false", "null"};
    char string[LENGTH];
    if (next() == '"') {
        read_string(string);
    } else if (*at == '{') {
        skip_list('{', '}');
    } else if (*at == '[') {
        skip_list('[', ']');
    } else {
        for (size_t i = 0; i < 3; i++)
            if (strncmp(at, words[i], strlen(words[i])) == 0) {
                at += strlen(words[i]);
                return;
            }
        read_number();
    }
}

/* ---- Events ---- */

static void read_field(struct event *event, bool in_args)
{
    char key[LENGTH];
    struct {
        const char *key;
        double *value;
        bool *there;
    } numbers[] = {{"ts", &event->ts, &event->has_ts},
                   {"dur", &event->dur, &event->has_dur},
                   {"pid", &event->pid, &event->has_pid},
                   {"tid", &event->tid, &event->has_tid}};
    read_string(key);
    expect(':');
    for (size_t i = 0; i < 4 && !in_args; i++)
        if (strcmp(key, numbers[i].key) == 0) {
            if (*numbers[i].there)
                bad("%s twice", key);
            *numbers[i].there = true;
            *numbers[i].value = read_number();
            return;
        }
    if (strcmp(key, "name") == 0 && in_args) {
        event->has_track_name = true;
        read_string(event->track_name);
    } else if (strcmp(key, "name") == 0) {
        event->has_name = true;
        read_string(event->name);
    } else if (strcmp(key, "ph") == 0) {
        event->has_ph = true;
        read_string(event->ph);
    } else if (strcmp(key, "args") == 0) {
        expect('{');
        for (bool more = next() != '}'; more; more = next() != '}' && (expect(','), true))
            read_field(event, true);
        at++;
    } else {
        skip_value();
    }
}

static int track_of(const struct event *event)
{
    if (!event->has_tid || event->tid < 0 || event->tid >= MOST_TRACKS)
        bad("an event without a track");
    return (int)event->tid;
}

static void check_event(const struct event *event)
{
    static double pid;
    if (!event->has_name || !event->has_ph || !event->has_pid)
        bad("an event without name, ph or pid");
    if (pid != 0 && event->pid != pid)
        bad("two processes in one trace");
    pid = event->pid;
    if (strcmp(event->ph, "M") == 0) {
        if (strcmp(event->name, "thread_name") != 0)
            return;
        int track = track_of(event);
        if (!event->has_track_name || event->track_name[0] == '\0')
            bad("a track's name is missing");
        if (track_name[track][0] != '\0')
            bad("a second name for track %d", track);
        strcpy(track_name[track], event->track_name);
    } else if (strcmp(event->ph, "X") == 0) {
        int track = track_of(event);
        if (!event->has_ts || !event->has_dur || event->ts < 0 || event->dur < 0)
            bad("a slice without a time");
        if (track_name[track][0] == '\0')
            bad("a slice on track %d, which has no name", track);
        if (slice_count == MOST_SLICES)
            bad("more slices than this program can look at");
        slices[slice_count++] = (struct slice){event->ts, event->ts + event->dur, track};
    } else if (strcmp(event->ph, "i") != 0 || !event->has_ts) {
        bad("an event of an unknown kind");
    }
}

static void read_events(void)
{
    expect('[');
    for (;;) {
        struct event event = {.has_name = false};
        expect('{');
        read_field(&event, false);
        while (next() == ',') {
            at++;
            read_field(&event, false);
        }
        expect('}');
        check_event(&event);
        if (next() == ']')
            break;
        expect(',');
    }
    at++;
    if (next() != '\0')
        bad("something behind the end");
}

/* ---- Tracks ---- */

static int by_track_and_start(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    if (left->track != right->track)
        return left->track - right->track;
    return (left->start > right->start) - (left->start < right->start);
}

static void check_tracks(void)
{
    int tracks = 0;
    qsort(slices, slice_count, sizeof *slices, by_track_and_start);
    for (size_t i = 1; i < slice_count; i++)
        if (slices[i].track == slices[i - 1].track &&
            slices[i].start < slices[i - 1].end - 0.0005)
            bad("two slices overlap on track '%s', at %.3f", track_name[slices[i].track],
                slices[i].start);
    for (int i = 0; i < MOST_TRACKS; i++) {
        if (track_name[i][0] == '\0')
            continue;
        tracks++;
        for (int j = 0; j < i; j++)
            if (strcmp(track_name[i], track_name[j]) == 0)
                bad("two tracks are '%s'", track_name[i]);
    }
    printf("%d tracks, %zu slices\n", tracks, slice_count);
}

int main(int argc, char **argv)
{
    static char buffer[1 << 24];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: check_trace TRACE\n");
        return 2;
    }
    size_t size = fread(buffer, 1, sizeof buffer - 1, file);
    text = at = buffer;
    bool good = !ferror(file) && feof(file) && memchr(buffer, '\0', size) == NULL;
    fclose(file);
    if (!good)
        bad("not a text of less than 16 MiB");
    read_events();
    check_tracks();
    return 0;
}
