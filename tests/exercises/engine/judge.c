/*
 * judge.c: see judge.h. Runs the scenes and says what came out.
 *
 *     judge [--record FILE] [--all] PROGRAM
 *
 * --all: go on after a scene that failed, for partial credit. JUDGE_SEED in the environment: the
 * seed of the numbers that the scenes draw. Ends with 0: passed; 1: failed; 2: not judged.
 */
#include "judge.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scene.h"

#define ALL_SECONDS 240 /* with --all: begin no further scene after that */

static FILE *record;
static bool all;
static unsigned long seed;

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
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
        snprintf(text, sizeof text, "ended with exit status %d", WEXITSTATUS(status));
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

/* One line for each fact; the text is last. */
static void write_record(const struct result *result, int passed, double seconds)
{
    const char *const names[] = {"NOT JUDGED", "PASSED", "FAILED"};
    if (record == NULL)
        return;
    fprintf(record,
            "status %s\nhint %s\npassed %d\nchecks %d\nseconds %.2f\nseed %lu\ntext %s\n",
            names[result->verdict], result->hint, passed, scene_count(), seconds, seed,
            result->text);
    if (fflush(record) != 0)
        broken("cannot write the record: %s", strerror(errno));
}

static void print_paragraph(const char *text)
{
    const int width = 88;
    int column = 0;
    if (*text == '\0')
        return;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > 0 && column + 1 + length > width) {
            putchar('\n');
            column = 0;
        }
        column += printf("%s%.*s", column > 0 ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* Marked, so that nothing the program prints can be taken for something that the judge says. */
static void print_output(const char *which, const char *text)
{
    const int most = 40;
    int lines = 0;
    if (*text == '\0')
        return;
    printf("In %s check the program printed:\n", which);
    for (; *text != '\0' && lines < most; lines++) {
        printf("  | ");
        for (int column = 0; *text != '\0' && *text != '\n' && column < 160;
             text++, column++)
            putchar((*text >= ' ' && *text < 127) || *text == '\t' ? *text : '?');
        putchar('\n');
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    if (*text != '\0')
        printf("  | ... and more\n");
}

/* What the calling program had open is not for the learner's program. */
static void close_inherited(void)
{
    struct descriptor list[DESCRIPTOR_ROOM];
    size_t count = descriptors(getpid(), list);
    for (size_t i = 0; i < count; i++)
        if (list[i].number > 2)
            close(list[i].number);
}

static void draw_seed(void)
{
    const char *wanted = getenv("JUDGE_SEED");
    if (wanted != NULL && isdigit((unsigned char)*wanted)) {
        seed = strtoul(wanted, NULL, 10);
        return;
    }
    unsigned number;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        broken("no random numbers: %s", strerror(errno));
    seed = number % 1000000000;
}

static int open_program(int argc, char **argv)
{
    int next = 1;
    if (argc > next + 1 && strcmp(argv[next], "--record") == 0) {
        record = fopen(argv[next + 1], "we");
        if (record == NULL)
            broken("%s: %s", argv[next + 1], strerror(errno));
        next += 2;
    }
    if (argc > next && strcmp(argv[next], "--all") == 0) {
        all = true;
        next++;
    }
    if (argc != next + 1) {
        fprintf(stderr, "usage: judge [--record FILE] [--all] PROGRAM\n");
        exit(2);
    }
    int program = open(argv[next], O_RDONLY | O_CLOEXEC);
    if (program < 0)
        broken("%s: %s", argv[next], strerror(errno));
    return program;
}

/* The verdict is that of the first scene that does not pass. Returns how many passed. */
static int run_scenes(int program, struct result *verdict)
{
    static struct result result;
    const struct identity identity = identity_choose();
    const double started = now();
    bool first = false;
    int passed = 0;
    verdict->verdict = PASSED;
    for (int i = 0; exercise.scenes[i].what != NULL; i++) {
        const struct scene *scene = &exercise.scenes[i];
        if (scene_has_failure(scene) && !first) {
            printf("  --  %s\n", scene->what);
            continue;
        }
        scene_run(scene, program, &identity, seed + (unsigned long)i * 1000003, &result);
        printf("  %s  %s\n", result.verdict == PASSED ? "ok" : "--", scene->what);
        passed += result.verdict == PASSED;
        first = first || (i == 0 && result.verdict == PASSED);
        if (verdict->verdict == PASSED)
            *verdict = result; /* of the last that passed, or the first that did not */
        if (result.verdict == NOT_JUDGED || (result.verdict == FAILED && !all) ||
            now() - started > ALL_SECONDS)
            break;
    }
    return passed;
}

int main(int argc, char **argv)
{
    static struct result verdict;
    const double started = now();
    close_inherited();
    int program = open_program(argc, argv);
    draw_seed();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    int passed = run_scenes(program, &verdict);
    if (verdict.verdict == PASSED && passed < scene_count())
        broken("not all checks could be made in time");
    if (verdict.verdict == PASSED)
        printf("PASSED (%d checks, SEED=%lu)\n", passed, seed);
    else if (verdict.verdict == FAILED)
        printf("FAILED (%d of %d checks passed, SEED=%lu)\n", passed, scene_count(),
               seed);
    else
        printf("NOT JUDGED\n");
    print_paragraph(verdict.text);
    print_output(verdict.verdict == PASSED ? "the last" : "that", verdict.printed);
    write_record(&verdict, passed, now() - started);
    if (fflush(stdout) != 0)
        return 2;
    return verdict.verdict == PASSED ? 0 : verdict.verdict == FAILED ? 1 : 2;
}
