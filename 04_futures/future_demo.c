/*
 * future_demo.c: a result that is not there yet, and what can become of it.
 *
 *     make 04_futures
 */
#include <stdio.h>
#include <string.h>

#include "demo.h"
#include "future.h"

/* The article's task: print a word, return its length. */
static int work(void *argument, void *result)
{
    const char *word = argument;
    puts(word);
    fflush(stdout);
    *(size_t *)result = strlen(word);
    return 0;
}

static int doze(void *argument, void *result)
{
    double seconds = *(double *)argument;
    demo_sleep(seconds);
    *(double *)result = seconds;
    return 0;
}

static struct future *submit_doze(struct pool *pool, double seconds)
{
    struct future *future =
        future_submit(pool, doze, &seconds, sizeof seconds, sizeof seconds);
    if (future == NULL)
        demo_fail("cannot submit");
    return future;
}

static void show(const char *when, struct future *future)
{
    printf("%s: ", when);
    future_print(future, stdout);
    putchar('\n');
    fflush(stdout);
}

static void show_result(struct pool *pool)
{
    const char word[] = "hello";
    size_t length;
    struct future *future = future_submit(pool, work, word, sizeof word, sizeof length);
    if (future == NULL)
        demo_fail("cannot submit");
    show("submitted", future);
    if (future_result(future, POOL_FOREVER, &length) == FUTURE_OK)
        printf("result: %zu\n", length);
    show("after that", future);
    future_free(future);
}

static void show_timeout(struct pool *pool)
{
    double seconds;
    struct future *future = submit_doze(pool, 0.3);
    if (future_result(future, 0.1, &seconds) == FUTURE_TIMEOUT)
        show("\nno result within 0.1s", future);
    if (future_result(future, POOL_FOREVER, &seconds) == FUTURE_OK)
        show("but there is one later", future);
    future_free(future);
}

/* The pool has one worker: what is submitted behind a long task waits. */
static void show_cancel(struct pool *pool)
{
    struct future *first = submit_doze(pool, 0.2);
    struct future *second = submit_doze(pool, 0.2);
    while (!future_running(first) && !future_done(first))
        demo_sleep(0.001);
    printf("\ncancel one that waits: %s\n", future_cancel(second) ? "yes" : "no");
    show("it will never run", second);
    printf("cancel one that runs: %s\n", future_cancel(first) ? "yes" : "no");
    printf("stop one that runs: %s\n", future_stop(first) ? "yes" : "no");
    future_result(first, POOL_FOREVER, NULL);
    show("its worker was killed", first);
    future_free(first);
    future_free(second);
}

static void show_completion_order(void)
{
    const double naps[] = {0.6, 0.2, 0.4};
    struct future *futures[3];
    struct pool *pool = pool_open(3);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    for (int i = 0; i < 3; i++)
        futures[i] = submit_doze(pool, naps[i]);
    struct completions *completions = completions_open(futures, 3);
    if (completions == NULL)
        demo_fail("cannot wait for several futures");
    printf("\nsubmitted: 0.6 0.2 0.4\ncompleted:");
    struct future *future;
    while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
        printf(" %.1f", *(double *)future_value(future));
    putchar('\n');
    completions_close(completions);
    pool_close(pool);
}

int main(int argc, char **argv)
{
    demo_start(argc, argv, "Show the life of a future.",
               (struct demo_option[]){{.name = NULL}});
    struct pool *pool = pool_open(1);
    if (pool == NULL)
        demo_fail("cannot open a pool");
    show_result(pool);
    show_timeout(pool);
    show_cancel(pool);
    pool_close(pool);
    show_completion_order();
    return demo_end();
}
