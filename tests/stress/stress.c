/*
 * stress.c: see stress.h.
 */
#include "stress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared.h"

static struct pool *watched;
static double watched_for;

static void explain(void)
{
    if (watched != NULL)
        pool_print(watched, stderr);
}

/* Not async-signal-safe; at this point the program has failed in any case. */
static void bite(int number)
{
    (void)number;
    errno = ETIMEDOUT;
    FAIL("the watchdog: no progress for %.0f s", watched_for);
}

void watchdog(unsigned seconds, struct pool *pool)
{
    watched = pool;
    watched_for = guard(seconds);
    check_explain = explain;
    signal(SIGALRM, bite);
    alarm((unsigned)watched_for);
}

/* splitmix64, by Sebastiano Vigna, in the public domain. */
uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_below(uint64_t *state, uint64_t limit)
{
    return random_next(state) % limit;
}

void await_idle(struct pool *pool)
{
    double end = seconds_now() + guard(20);
    for (int i = 0; i < pool->inherited.workers; i++)
        while ((atomic_load(&pool->shared->idle[i / 64]) >> i % 64 & 1) == 0 ||
               process_state(pool_worker(pool, i)) != 'S') {
            CHECK(seconds_now() < end, "waited for worker %d to sleep", i);
            sleep_for(0.0001);
        }
}

void look_no_more(struct pool *pool)
{
    pool->own.next_check = INT64_MAX;
}

static bool chosen(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 1;
}

/* Two processes for each case: a check that fails ends the inner one, and the outer one
 * reports it. */
static void run_case(void *one)
{
    int status = run_apart(((const struct stress_case *)one)->run, NULL, 20);
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s: ended by signal %d\n", check_context, WTERMSIG(status));
    _exit(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1);
}

int run_cases(const struct stress_case *cases, size_t count, int argc, char **argv)
{
    int failed = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        if (!chosen(argc, argv, cases[i].name))
            continue;
        double start = seconds_now();
        snprintf(check_context, sizeof check_context, "%s", cases[i].name);
        bool good = run_apart(run_case, (void *)(uintptr_t)&cases[i], 25) == 0;
        printf("%s %s (%.2f s)\n", good ? "ok    " : "FAILED", cases[i].name,
               seconds_now() - start);
        fflush(stdout);
        failed += !good;
        run++;
    }
    return failed != 0 || run == 0;
}
