/*
 * checksum.c: POSIX cksum for many files at a time: a task for each, the results in order.
 *
 *     build/06_errors/checksum 06_errors/error.c no_such_file 06_errors/error.h
 *     find /usr/include -type f -exec build/06_errors/checksum {} +
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc.h"
#include "demo.h"
#include "error.h"
#include "program.h"
#include "quote.h"
#include "sum.h"

/* At most so many files are submitted and not yet printed: enough small ones to keep the workers
 * busy while a large one is read that must be printed first. They take two or three megabytes. */
#define WINDOW 16384

#define PROGRESS_AFTER 1.0 /* seconds */
#define LAST_MOMENT    0.2 /* seconds for what runs, after Ctrl-C */
#define PROGRESS_EVERY 0.2

struct run {
    struct pool *pool;
    char **names;
    int count, submitted, reported;
    bool named;              /* names were given, and are printed */
    bool failed;             /* for some file */
    bool prints_to_terminal; /* stdout is one */
    bool show_progress;      /* stderr is one */
    bool progress_is_shown;
    double started, next_progress;
};

/* ---- In a worker -------------------------------------------------------------------- */

#define IN_TURN 1 /* returned: read it when it is next to be printed */

/*
 * Signals from the keyboard, or because the terminal closes, reach the workers as well as the
 * program. The program decides whether they end the run: it may have been started to ignore them,
 * as by nohup. If the program ends, the workers do.
 */
static int leave_signals_to_program(void *unused)
{
    (void)unused;
    const int signals[] = {SIGINT, SIGQUIT, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signal(signals[i], SIG_IGN) == SIG_ERR)
            return -1;
    return 0;
}

static bool is_standard_input(const char *name)
{
    return strcmp(name, "-") == 0;
}

static int checksum(void *name, void *sum)
{
    const char *file = is_standard_input(name) ? NULL : name;
    return sum_up(file, sum) == 0 ? 0 : task_error("%s", strerror(errno));
}

/*
 * A regular file may be read at any time, beside any other. But reading a
 * pipe or a terminal uses up its bytes, for all its readers: if two names mean the same one,
 * each must get the bytes that it would get if files were read one by one.
 */
static int checksum_if_regular(void *name, void *sum)
{
    struct stat status;
    if (is_standard_input(name))
        return IN_TURN;
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return IN_TURN;
    return checksum(name, sum);
}

/* ---- In the program ----------------------------------------------------------------- */

static void clear_progress(struct run *run)
{
    if (run->progress_is_shown)
        fputs("\r\033[K", stderr);
    run->progress_is_shown = false;
    fflush(stderr);
}

static void show_progress(struct run *run)
{
    double now = demo_clock();
    if (!run->show_progress || now < run->next_progress)
        return;
    int begun = run->submitted - (int)pool_waiting(run->pool);
    fprintf(stderr, "\rchecksum: %d of %d files begun, %.0f s\033[K", begun, run->count,
            now - run->started);
    run->progress_is_shown = true;
    fflush(stderr);
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

static _Noreturn void fail(struct run *run, const char *what)
{
    int saved = errno;
    clear_progress(run);
    errno = saved;
    demo_fail("%s", what);
}

static void print(struct run *run, const char *name, const struct sum *sum)
{
    if (run->prints_to_terminal)
        clear_progress(run);
    if (printf("%" PRIu32 " %" PRIu64 "%s%s\n", sum->crc, sum->length,
               run->named ? " " : "", run->named ? name : "") < 0)
        fail(run, "cannot write the output");
}

static struct future *submit(struct run *run, future_function *work, const char *name)
{
    struct future *future =
        future_submit(run->pool, work, name, strlen(name) + 1, sizeof(struct sum));
    if (future == NULL)
        fail(run, "cannot submit a file");
    return future;
}

/* Set by Ctrl-C, and by kill. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

static void catch_interrupts(void)
{
    const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signal(signals[i], interrupt) == SIG_IGN)
            signal(signals[i], SIG_IGN); /* as it was: under nohup, say */
}

/* Drop the files that wait, give those being read a moment, and end by the signal, as the shell
 * expects of a program that was interrupted. */
static _Noreturn void end_interrupted(struct run *run)
{
    clear_progress(run);
    pool_close_within(run->pool, LAST_MOMENT, POOL_DROP_WAITING);
    fflush(stdout);
    fprintf(stderr, "checksum: interrupted, with %d of %d files done\n", run->reported,
            run->count);
    signal(interrupted, SIG_DFL);
    raise(interrupted);
    _exit(1);
}

static void await(struct run *run, struct future *future)
{
    while (future_result(future, PROGRESS_EVERY, NULL) == FUTURE_TIMEOUT) {
        if (interrupted)
            end_interrupted(run);
        show_progress(run);
    }
    if (interrupted)
        end_interrupted(run);
}

/* The file is next to be printed: all before it are done. */
static void report(struct run *run, const char *name, struct future *future)
{
    struct sum sum;
    await(run, future);
    if (future_returned(future) == IN_TURN) {
        future_free(future);
        future = submit(run, checksum, name);
        await(run, future);
    }
    if (future_result(future, 0, &sum) == FUTURE_OK)
        print(run, name, &sum);
    else
        complain(run, name, future_error(future));
    future_free(future);
    run->reported++;
    if (!run->prints_to_terminal) /* there, the lines show it */
        show_progress(run);
}

/* Submit up to a window's width ahead; report in order. */
static void checksum_all(struct run *run)
{
    struct future *window[WINDOW] = {NULL};
    for (int i = 0; i < run->count; i++) {
        int end = run->count - i < WINDOW ? run->count : i + WINDOW;
        for (; run->submitted < end; run->submitted++)
            window[run->submitted % WINDOW] =
                submit(run, checksum_if_regular, run->names[run->submitted]);
        report(run, run->names[i], window[i % WINDOW]);
    }
    clear_progress(run);
}

/* ---- Options ------------------------------------------------------------------------ */

#define USAGE "usage: checksum [-j N] [file]..."

static void print_help(void)
{
    printf(
        USAGE
        "\n"
        "Print each file's POSIX checksum, size and name, as cksum does, reading several\n"
        "files at a time. Without a file, or for '-', read standard input.\n\n"
        "  -j N    read N files at a time (1 to %d; default: one for each CPU)\n"
        "  --help  print this\n",
        POOL_MAX_WORKERS);
    exit(demo_end());
}

static _Noreturn void misuse(const char *what, const char *argument)
{
    fprintf(stderr, "checksum: %s ", what);
    print_quoted(argument, stderr);
    fputs(" (" USAGE "; --help says more)\n", stderr);
    exit(2);
}

static int number_of_workers(const char *text)
{
    char *end;
    long workers = strtol(text, &end, 10);
    if (end == text || *end != '\0' || workers < 1 || workers > POOL_MAX_WORKERS)
        misuse("impossible number of workers:", text);
    return (int)workers;
}

/* Returns the number of workers asked for, 0 for the default; optind is the first file. */
static int read_options(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {.name = NULL}};
    int workers = 0, option;
    opterr = 0; /* the messages are ours */
    while ((option = getopt_long(argc, argv, ":hj:", options, NULL)) != -1) {
        const char letter[] = {'-', (char)optopt, '\0'};
        if (option == 'j')
            workers = number_of_workers(optarg);
        else if (option == 'h')
            print_help();
        else if (option == ':')
            misuse("no number after", letter);
        else
            misuse("unknown option",
                   optopt > 0 && optopt != 'h' ? letter : argv[optind - 1]);
    }
    return workers;
}

int main(int argc, char **argv)
{
    static char *standard_input[] = {"-", NULL};
    setlocale(LC_CTYPE, "");               /* for the names in messages, */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* which are written a line at a time */
    demo_start(1, argv, "", NULL);
    int workers = read_options(argc, argv);
    int count = argc - optind;
    struct run run = {.names = count > 0 ? argv + optind : standard_input,
                      .count = count > 0 ? count : 1,
                      .named = count > 0,
                      .prints_to_terminal = isatty(STDOUT_FILENO) != 0,
                      .show_progress = isatty(STDERR_FILENO) != 0,
                      .started = demo_clock()};
    run.next_progress = run.started + PROGRESS_AFTER;

    crc_prepare();
    run.pool = pool_open_with(&(struct pool_options){
        .workers = workers > run.count || run.count == 1 ? run.count : workers,
        .initializer = leave_signals_to_program});
    if (run.pool == NULL)
        demo_fail("cannot open a pool");
    catch_interrupts();
    checksum_all(&run);
    pool_close(run.pool);
    return demo_end() != 0 || run.failed ? 1 : 0;
}
