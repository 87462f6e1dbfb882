/*
 * squares.c: the article's squares, on other machines: one task crashes, one fails.
 *
 *     GEARMAN_SERVERS=10.99.0.2 build/06_errors/far/squares
 */
#include <stdio.h>

#include "demo.h"
#include "far.h"
#include "work.h"

#define TASKS 10

static void print_outcome(int task, struct far_future *future)
{
    int result;
    if (far_result(future, FAR_FOREVER, &result) == FUTURE_OK)
        printf("%d: %d", task, result);
    else
        printf("%d: Failed with %s!!", task, far_error(future));
    if (*far_node(future) != '\0')
        printf(" (%s)", far_node(future));
    printf("\n");
    fflush(stdout);
}

static enum square_how how(int task, bool killer)
{
    if (task == 7 && killer)
        return SQUARE_KILLS_NODE;
    return task == 3 ? SQUARE_CRASHES : task == 5 ? SQUARE_FAILS : SQUARE_WELL;
}

int main(int argc, char **argv)
{
    struct far_future *futures[TASKS];
    long nap = 300, patience = 10000, killer = 0;
    demo_start(
        argc, argv, "Square ten numbers on the nodes of $GEARMAN_SERVERS.",
        (struct demo_option[]){
            {"nap", &nap, 0, 60000, "milliseconds that a task sleeps first"},
            {"patience", &patience, 100, 3600000, "milliseconds without an answer"},
            {"killer", &killer, 0, 0, "let task 7 kill the node that runs it"},
            {.name = NULL}});
    struct far *far = far_open(&(struct far_options){.patience = (double)patience / 1e3});
    if (far == NULL)
        demo_fail("no memory");
    for (int task = 0; task < TASKS; task++) {
        struct square square = {.task = task, .milliseconds = (int)nap};
        square.how = how(task, killer != 0);
        futures[task] = far_submit(far, "do_work", &square, sizeof square, sizeof(int));
        if (futures[task] == NULL)
            demo_fail("cannot submit task %d", task);
    }
    for (int task = 0; task < TASKS; task++) {
        print_outcome(task, futures[task]);
        far_free(futures[task]);
    }
    far_close(far);
    return demo_end();
}
