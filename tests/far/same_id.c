/*
 * same_id.c: test what far.h says of ids and of answers that are too long. Prints the answers.
 */
#include <stdio.h>
#include <string.h>

#include "demo.h"
#include "far.h"
#include "work.h"

static void print(const char *what, struct far_future *future, int wait_for)
{
    static const char *const names[] = {"ok",      "failed",  "not ended", "cancelled",
                                        "stopped", "expired", "lost",      "broken"};
    int result = 0;
    enum future_status status = far_result(future, wait_for, &result);
    printf("%s: %s%s%s\n", what, status == FUTURE_MISUSE ? "misuse" : names[status],
           status == FUTURE_OK ? "" : ", ", status == FUTURE_OK ? "" : far_error(future));
    far_free(future);
}

int main(int argc, char **argv)
{
    struct append append = {.number = 7, .milliseconds = 300};
    struct far *far = far_open(&(struct far_options){.patience = 1, .tries = 2});
    if (far == NULL || argc != 2 || strlen(argv[1]) >= sizeof append.file)
        demo_fail("no file name");
    strcpy(append.file, argv[1]);
    long nap = 0;
    struct far_future *first = far_submit_as(far, "one and the same", "append", &append,
                                             sizeof append, sizeof(int));
    struct far_future *second = far_submit_as(far, "one and the same", "append", &append,
                                              sizeof append, sizeof(int));
    print("first", first, -1);
    print("second", second, -1);
    print("short result", far_submit(far, "nap", &nap, sizeof nap, sizeof(char)), -1);
    print("short argument", far_submit(far, "nap", &nap, 1, sizeof nap), -1);
    print("unknown function", far_submit(far, "no such function", NULL, 0, 0), -1);
    print("not ended", far_submit(far, "append", &append, sizeof append, sizeof(int)), 0);
    print("null", NULL, 0);
    far_close(far);
    return demo_end();
}
