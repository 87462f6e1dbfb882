/*
 * checksum.c: POSIX cksum for many files, on several machines: a task for each file, the
 * results in order. The nodes must see the files under the same names: on a network file
 * system, say.
 *
 *     export GEARMAN_SERVERS=10.99.0.2
 *     find /usr/include -type f -exec build/06_errors/far/checksum {} +
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc.h"
#include "demo.h"
#include "far.h"
#include "quote.h"
#include "sum.h"
#include "work.h"

#define WINDOW 16384 /* most files submitted and not yet printed */

#define PROGRESS_AFTER 1.0 /* seconds */
#define PROGRESS_EVERY 0.2

struct run {
    struct far *far;
    char *directory; /* in which relative names begin */
    char **names;
    int count, submitted;
    bool named, failed;
    bool show_progress, progress_is_shown;
    double started, next_progress;
};

static void clear_progress(struct run *run)
{
    if (run->progress_is_shown)
        fputs("\r\033[K", stderr);
    run->progress_is_shown = false;
}

static void show_progress(struct run *run, int printed)
{
    double now = demo_clock();
    if (!run->show_progress || now < run->next_progress)
        return;
    fprintf(stderr, "\rchecksum: %d of %d files, %.0f s\033[K", printed, run->count,
            now - run->started);
    fflush(stderr);
    run->progress_is_shown = true;
    run->next_progress = now + PROGRESS_EVERY;
}

static void complain(struct run *run, const char *name, const char *why)
{
    clear_progress(run);
    fputs("checksum: ", stderr);
    print_quoted(name, stderr);
    fprintf(stderr, ": %s\n", why);
    run->failed = true;
}

static void print(const struct run *run, const char *name, const struct sum *sum)
{
    if (printf("%" PRIu32 " %" PRIu64 "%s%s\n", sum->crc, sum->length,
               run->named ? " " : "", run->named ? name : "") < 0)
        demo_fail("cannot write the output");
}

/* An empty name stays empty, for the message. */
static char *absolute(const struct run *run, const char *name)
{
    bool relative = *name != '/' && *name != '\0';
    size_t size = strlen(run->directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s%s%s", relative ? run->directory : "",
                 relative ? "/" : "", name);
    return path;
}

/* NULL: standard input, which no node can read. */
static struct far_future *submit(struct run *run, const char *name)
{
    struct far_future *future = NULL;
    if (strcmp(name, "-") == 0)
        return NULL;
    char *path = absolute(run, name);
    if (path != NULL)
        future =
            far_submit(run->far, "checksum", path, strlen(path) + 1, sizeof(struct sum));
    free(path);
    if (future == NULL)
        demo_fail("cannot submit a file");
    return future;
}

/* What only this machine has is read here, in its turn. */
static void report_local(struct run *run, const char *name)
{
    struct sum sum;
    if (sum_up(strcmp(name, "-") == 0 ? NULL : name, &sum) == 0)
        print(run, name, &sum);
    else
        complain(run, name, strerror(errno));
}

static void report(struct run *run, int i, struct far_future *future)
{
    struct sum sum;
    double patience = run->show_progress ? PROGRESS_EVERY : FAR_FOREVER;
    while (future != NULL && far_result(future, patience, &sum) == FUTURE_TIMEOUT)
        show_progress(run, i);
    if (future == NULL || far_returned(future) == NOT_REGULAR)
        report_local(run, run->names[i]);
    else if (far_result(future, 0, &sum) == FUTURE_OK)
        print(run, run->names[i], &sum);
    else
        complain(run, run->names[i], far_error(future));
    far_free(future);
    show_progress(run, i + 1);
}

static void checksum_all(struct run *run)
{
    static struct far_future *window[WINDOW];
    for (int i = 0; i < run->count; i++) {
        int end = run->count - i < WINDOW ? run->count : i + WINDOW;
        for (; run->submitted < end; run->submitted++)
            window[run->submitted % WINDOW] = submit(run, run->names[run->submitted]);
        report(run, i, window[i % WINDOW]);
    }
    clear_progress(run);
}

#define USAGE "usage: checksum [-p SECONDS] [file]..."

static void print_help(void)
{
    printf(
        USAGE
        "\n"
        "Print each file's POSIX checksum, size and name, as cksum does. The nodes of the\n"
        "job server in $GEARMAN_SERVERS read the files, under the same names.\n\n"
        "  -p N    after N seconds without an answer, send the file to another node; after\n"
        "          three times, report it (default: 30)\n"
        "  --help  print this\n");
    exit(demo_end());
}

static double read_options(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {.name = NULL}};
    double patience = 0;
    int option;
    while ((option = getopt_long(argc, argv, "hp:", options, NULL)) != -1) {
        char *end = NULL;
        if (option == 'h')
            print_help();
        if (option == 'p')
            patience = strtod(optarg, &end);
        if (end == NULL || *end != '\0' || !(patience >= 0.1 && patience <= 1e6)) {
            fputs(USAGE "\n", stderr);
            exit(2);
        }
    }
    return patience;
}

int main(int argc, char **argv)
{
    static char *standard_input[] = {"-", NULL};
    setlocale(LC_CTYPE, "");
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    demo_start(1, argv, "", NULL);
    double patience = read_options(argc, argv);
    int count = argc - optind;
    struct run run = {.names = count > 0 ? argv + optind : standard_input,
                      .count = count > 0 ? count : 1,
                      .named = count > 0,
                      .directory = getcwd(NULL, 0), /* NOLINT: it allocates */
                      .show_progress = isatty(STDERR_FILENO) != 0,
                      .started = demo_clock()};
    run.next_progress = run.started + PROGRESS_AFTER;
    if (run.directory == NULL)
        demo_fail("cannot find out the working directory");
    crc_prepare();
    run.far = far_open(&(struct far_options){.patience = patience});
    if (run.far == NULL)
        demo_fail("no memory");
    checksum_all(&run);
    far_close(run.far);
    free(run.directory);
    return demo_end() != 0 || run.failed ? 1 : 0;
}
