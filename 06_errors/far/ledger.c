/*
 * ledger.c: ten tasks that must not run twice: each appends its number to a file.
 *
 *     build/06_errors/far/ledger --nap 500          (and kill a node meanwhile)
 *     build/06_errors/far/ledger --nap 500 --once
 *
 * Prints what stands in the file. More than ten lines: a task ran again, after its node had
 * died or had fallen silent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"
#include "far.h"
#include "work.h"

#define TASKS 10

static void make_file(char *name, size_t size)
{
    const char *directory = getenv("TMPDIR");
    snprintf(name, size, "%s/ledger-XXXXXX", directory != NULL ? directory : "/tmp");
    int file = mkstemp(name);
    if (file < 0)
        demo_fail("cannot make the file %s", name);
    close(file);
}

/* How often each number stands there. Removes the file and, after --once, the notes. */
static void print_file(const char *name)
{
    int number, times[TASKS] = {0}, lines = 0;
    FILE *file = fopen(name, "r");
    while (file != NULL && fscanf(file, "%d", &number) == 1 && number >= 0 &&
           number < TASKS)
        times[number]++, lines++;
    if (file != NULL)
        fclose(file);
    printf("%d lines", lines);
    for (int i = 0; i < TASKS; i++) {
        char note[280];
        snprintf(note, sizeof note, "%s.%d", name, i);
        unlink(note);
        if (times[i] != 1)
            printf(", number %d %d times", i, times[i]);
    }
    printf("\n");
    unlink(name);
}

int main(int argc, char **argv)
{
    struct far_future *futures[TASKS];
    struct append append = {.file = ""};
    long nap = 300, patience = 10000, once = 0;
    int result, failures = 0;
    demo_start(
        argc, argv, "Append ten numbers to a file, on the nodes of $GEARMAN_SERVERS.",
        (struct demo_option[]){
            {"nap", &nap, 0, 60000, "milliseconds that a task sleeps afterwards"},
            {"patience", &patience, 100, 3600000, "milliseconds without an answer"},
            {"once", &once, 0, 0, "in a way that a second run does no harm"},
            {.name = NULL}});
    make_file(append.file, sizeof append.file);
    append.milliseconds = (int)nap;
    struct far *far = far_open(&(struct far_options){.patience = (double)patience / 1e3});
    if (far == NULL)
        demo_fail("no memory");
    for (int i = 0; i < TASKS; i++) {
        append.number = i;
        futures[i] = far_submit(far, once ? "append_once" : "append", &append,
                                sizeof append, sizeof(int));
        if (futures[i] == NULL)
            demo_fail("cannot submit task %d", i);
    }
    for (int i = 0; i < TASKS; i++) {
        if (far_result(futures[i], FAR_FOREVER, &result) != FUTURE_OK) {
            printf("%d: Failed with %s!\n", i, far_error(futures[i]));
            failures++;
        }
        far_free(futures[i]);
    }
    far_close(far);
    print_file(append.file);
    return demo_end() != 0 || failures > 0 ? 1 : 0;
}
