/*
 * judge.c: see judge.h. Plays the scenes, and says what came out.
 *
 *     judge [--record FILE] PROGRAM
 *
 * Ends with 0: passed; 1: failed; 2: it could not be judged.
 */
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "session.h"

static FILE *record;
static double started;
static int passed;

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

long random_number(long least, long most)
{
    unsigned long number = 0;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &number, sizeof number) != sizeof number)
        broken("cannot read /dev/urandom: %s", strerror(errno));
    close(file);
    return least + (long)(number % (unsigned long)(most - least + 1));
}

const char *plural(long count)
{
    return count == 1 ? "" : "s";
}

const char *describe_status(int status)
{
    static char text[80];
    if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(text, sizeof text, "ended with exit code %d", WEXITSTATUS(status));
    return text;
}

const char *describe_descriptor(const struct descriptor *descriptor)
{
    static char text[4][128];
    static unsigned next;
    char *one = text[next++ % 4];
    const char *end = descriptor->reads && descriptor->writes ? ""
                      : descriptor->writes                    ? "the write end of "
                                                              : "the read end of ";
    if (strncmp(descriptor->target, "pipe:", 5) == 0)
        snprintf(one, sizeof text[0], "%d (%sa pipe)", descriptor->number, end);
    else
        snprintf(one, sizeof text[0], "%d (%s)", descriptor->number, descriptor->target);
    return one;
}

static int scene_count(void)
{
    int count = 0;
    while (exercise.scenes[count].what != NULL)
        count++;
    return count;
}

/* One line for each fact; the text last, without line ends or control characters in it. */
static void write_record(const char *status, const char *hint, const char *text)
{
    if (record == NULL)
        return;
    fprintf(record, "status %s\nhint %s\npassed %d\nchecks %d\nseconds %.2f\ntext %s\n",
            status, hint, passed, scene_count(), now() - started, text);
    if (fflush(record) != 0)
        broken("cannot write the record: %s", strerror(errno));
}

static void print_paragraph(const char *text)
{
    const int width = 88;
    int column = 0;
    while (*text != '\0') {
        int length = (int)strcspn(text, " \n");
        if (column > 0 && column + 1 + length > width) {
            putchar('\n');
            column = 0;
        }
        column += printf("%s%.*s", column > 0 ? " " : "", length, text);
        text += length;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

_Noreturn void broken(const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "judge: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    session_kill();
    _exit(2);
}

_Noreturn void fail(struct session *session, const char *hint, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    session_drain(session);
    session_kill();
    printf("  --  %s\n", exercise.scenes[passed].what);
    printf("FAILED (%d of %d checks passed)\n", passed, scene_count());
    print_paragraph(text);
    session_show_output();
    write_record("FAILED", hint, text);
    fflush(stdout);
    _exit(1);
}

static void interrupted(int signal_number)
{
    session_kill();
    _exit(128 + signal_number);
}

static void handle_signals(void)
{
    struct sigaction action = {.sa_handler = interrupted};
    sigfillset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* What whoever started us had open is not for the learner's program. */
static void close_inherited(void)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(getpid(), list);
    for (size_t i = 0; i < count; i++)
        if (list[i].number > 2)
            close(list[i].number);
}

static int open_program(int argc, char **argv)
{
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--record") == 0) {
        record = fopen(argv[2], "we");
        if (record == NULL)
            broken("%s: %s", argv[2], strerror(errno));
        first = 3;
    }
    if (argc != first + 1) {
        fprintf(stderr, "usage: judge [--record FILE] PROGRAM\n");
        exit(2);
    }
    int program = open(argv[first], O_RDONLY | O_CLOEXEC);
    if (program < 0)
        broken("%s: %s", argv[first], strerror(errno));
    return program;
}

int main(int argc, char **argv)
{
    close_inherited();
    int program = open_program(argc, argv);
    started = now();
    handle_signals();
    sandbox_enter();
    session_prepare(program);
    for (const struct scene *scene = exercise.scenes; scene->what != NULL; scene++) {
        struct session *session = session_begin(scene->output);
        scene->act(session);
        session_finish(session);
        printf("  ok  %s\n", scene->what);
        passed++;
    }
    printf("PASSED (%d checks)\n", passed);
    session_show_output();
    write_record("PASSED", "-", "");
    if (fflush(stdout) != 0)
        broken("cannot write: %s", strerror(errno));
    _exit(0);
}
