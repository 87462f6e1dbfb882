/*
 * parent_deaths.c: the program or the foreman dies, at every stage of a pool's life.
 *
 *     build/tests/stress/parent_deaths [--seed N] [--rounds N] [STAGE...]
 *     build/tests/stress/parent_deaths --live STAGE      act as the program, in a terminal
 *
 * When the program dies, its wait status must be right, and every other process must end within a
 * second. When the foreman dies, the program's calls must report it, and the program must be able
 * to continue.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "future.h"
#include "stress.h"

#define WORKERS 3

static struct desk {
    _Atomic bool ready;
    _Atomic pid_t foreman; /* 0: no pool is open */
} * desk;

static volatile sig_atomic_t leave;

static void ask_to_leave(int number)
{
    (void)number;
    leave = 1;
}

static void look(void)
{
    if (leave)
        _exit(7);
}

/* ---- The program, at a stage, until it dies -----------------------------------------
 */

static int nap(void *argument, void *result)
{
    sleep_for(*(double *)argument);
    *(int *)result = 1;
    return 0;
}

static void nap_alone(void *argument)
{
    int result;
    nap(argument, &result);
}

static int crash(void *argument, void *result)
{
    (void)argument, (void)result;
    raise(SIGKILL);
    return 0;
}

static struct pool *open_pool(void)
{
    struct pool *pool = pool_open(WORKERS);
    CHECK(pool != NULL, "pool_open");
    watchdog(10, pool);
    atomic_store(&desk->foreman, pool_foreman(pool));
    return pool;
}

static void ready(void)
{
    atomic_store(&desk->ready, true);
    puts("ready");
    fflush(stdout);
}

/* The foreman was killed: every call must report that, and a new pool must work. */
static _Noreturn void go_on_without(struct pool *pool)
{
    CHECK(errno == EOWNERDEAD, "refused, but not because the pool is broken");
    CHECK(pool_broken(pool) != NULL, "the pool is not broken");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    CHECK((pool = pool_open(1)) != NULL && pool_close(pool) == 0, "no new pool");
    exit(0);
}

static struct future *submit(struct pool *pool, future_function *work, double seconds)
{
    struct future *future =
        future_submit(pool, work, &seconds, sizeof seconds, sizeof(int));
    if (future == NULL)
        go_on_without(pool);
    return future;
}

static void check_end(struct pool *pool, struct future *future, enum future_status status)
{
    CHECK(status == FUTURE_OK || status == FUTURE_LOST || status == FUTURE_BROKEN,
          "it ended as %s", future_status_name(status));
    if (status == FUTURE_BROKEN) {
        errno = EOWNERDEAD;
        go_on_without(pool);
    }
    future_free(future);
}

static void expect_end(struct pool *pool, struct future *future)
{
    enum future_status status;
    while ((status = future_result(future, 0.01, NULL)) == FUTURE_TIMEOUT)
        look();
    check_end(pool, future, status);
}

static void idle(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool();
    for (ready();; look()) {
        sleep_for(0.005);
        if (pool_broken(pool) != NULL) {
            errno = EOWNERDEAD;
            go_on_without(pool);
        }
    }
}

static void opening(void *unused)
{
    (void)unused;
    for (ready();; look()) {
        struct pool *pool = pool_open(WORKERS);
        CHECK(pool != NULL && pool_close(pool) == 0, "pool_open, pool_close");
    }
}

static void submitting(void *unused)
{
    (void)unused;
    double none = 0;
    struct pool *pool = open_pool();
    for (ready();; look()) {
        while (pool_waiting(pool) > 100000 && pool_broken(pool) == NULL)
            sleep_for(0.001);
        if (pool_submit(pool, nap_alone, &none, sizeof none) != 0)
            go_on_without(pool);
    }
}

static void waiting(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool();
    struct future *future = submit(pool, nap, 30);
    ready();
    expect_end(pool, future);
}

static void waiting_for_ever(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool();
    struct future *future = submit(pool, nap, 30);
    ready();
    CHECK(future_result(future, POOL_FOREVER, NULL) == FUTURE_BROKEN, "not broken");
    errno = EOWNERDEAD;
    go_on_without(pool);
}

static void completing(void *unused)
{
    (void)unused;
    struct future *futures[50];
    struct pool *pool = open_pool();
    for (ready();; look()) {
        for (int i = 0; i < 50; i++)
            futures[i] = submit(pool, nap, 0.0003);
        struct completions *completions = completions_open(futures, 50);
        CHECK(completions != NULL, "completions_open");
        struct future *future;
        while ((future = completions_next(completions, POOL_FOREVER)) != NULL)
            expect_end(pool, future);
        completions_close(completions);
    }
}

static void mapping(void *unused)
{
    (void)unused;
    double naps[200];
    int results[200];
    for (int i = 0; i < 200; i++)
        naps[i] = 0.0001;
    struct pool *pool = open_pool();
    for (ready();; look()) {
        enum future_status status = future_map(pool, nap, naps, 200, sizeof *naps,
                                               results, sizeof *results, NULL);
        if (status == FUTURE_BROKEN)
            errno = EOWNERDEAD;
        if (status != FUTURE_OK)
            go_on_without(pool);
    }
}

static void crashing(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool();
    for (ready();; look()) {
        struct future *lost = submit(pool, crash, 0);
        expect_end(pool, submit(pool, nap, 0));
        expect_end(pool, lost);
    }
}

/* Most of the time this program is in pool_close(), or in pool_abort(). */
static void closing(void *how)
{
    double time = 0.003;
    for (ready();; look()) {
        struct pool *pool = open_pool();
        for (int i = 0; i < 10; i++)
            if (pool_submit(pool, nap_alone, &time, sizeof time) != 0)
                go_on_without(pool);
        int lost = how != NULL ? pool_abort(pool) : pool_close(pool);
        if (lost == -1) {
            CHECK(errno == EOWNERDEAD, "pool_close");
            exit(0);
        }
        atomic_store(&desk->foreman, 0);
    }
}

static void aborting(void *unused)
{
    (void)unused;
    closing("abort");
}

/* A program that handles Ctrl-C and ends in good order. Its workers are in the same process group,
 * so the same signal kills them. */
static void handling(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool();
    signal(SIGINT, ask_to_leave);
    struct future *future = submit(pool, nap, 30);
    while (!future_running(future))
        sleep_for(0.001);
    for (ready(); !leave;)
        future_result(future, 0.01, NULL);
    enum future_status status = future_result(future, guard(5), NULL);
    CHECK(status == FUTURE_LOST && future_worker_status(future) == SIGINT, "it is %s",
          future_status_name(status));
    /* Not expect_end(), which ends the program when the signal has come. */
    future = submit(pool, nap, 0);
    check_end(pool, future, future_result(future, guard(5), NULL));
    CHECK(pool_close(pool) == 0, "pool_close");
    exit(5);
}

static const struct stage {
    const char *name;
    void (*live)(void *);
} stages[] = {
    {"idle", idle},
    {"opening", opening},
    {"submitting", submitting},
    {"waiting", waiting},
    {"waiting_for_ever", waiting_for_ever},
    {"completing", completing},
    {"mapping", mapping},
    {"crashing", crashing},
    {"closing", closing},
    {"aborting", aborting},
    {"handling", handling}, /* in the terminal only */
};

#define STAGES (sizeof stages / sizeof *stages)

/* ---- The deaths ---------------------------------------------------------------------
 */

enum target {
    PROGRAM,
    GROUP,
    FOREMAN
};

static const struct death {
    const char *name;
    enum target target;
    int signal, status; /* the wait status */
} deaths[] = {
    {"SIGKILL", PROGRAM, SIGKILL, SIGKILL}, {"SIGSEGV", PROGRAM, SIGSEGV, SIGSEGV},
    {"SIGTERM", PROGRAM, SIGTERM, SIGTERM}, {"SIGHUP", GROUP, SIGHUP, SIGHUP},
    {"SIGINT", GROUP, SIGINT, SIGINT},      {"_exit(7)", PROGRAM, SIGUSR2, 7 << 8},
    {"foreman", FOREMAN, SIGKILL, 0},
};

#define DEATHS (sizeof deaths / sizeof *deaths)

static void live(void *stage)
{
    CHECK(freopen("/dev/null", "w", stdout) != NULL, "no /dev/null");
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    signal(SIGUSR2, ask_to_leave);
    ((const struct stage *)stage)->live(NULL);
}

static void inflict(const struct stage *stage, const struct death *death, double when)
{
    snprintf(check_context, sizeof check_context, "%s, %s after %.1f ms", stage->name,
             death->name, when * 1e3);
    memset(desk, 0, sizeof *desk);
    pid_t child = start_apart(live, (void *)(uintptr_t)stage);
    double end = seconds_now() + guard(10);
    while (!atomic_load(&desk->ready)) {
        CHECK(seconds_now() < end, "waited for the program to be ready");
        sleep_for(0.0001);
    }
    sleep_for(when);
    pid_t target = death->target == GROUP ? -child : child;
    if (death->target == FOREMAN)
        while ((target = atomic_load(&desk->foreman)) == 0)
            sleep_for(0.00001);
    kill(target, death->signal);
    int status = end_apart(child, 12);
    CHECK(status == death->status, "it ended with status %#x", (unsigned)status);
}

/* Whether the program can die in this way at this stage. */
static bool possible(const struct stage *stage, const struct death *death)
{
    if (death->target == FOREMAN)
        return stage->live != opening && stage->live != closing &&
               stage->live != aborting;
    return stage->live != waiting_for_ever || death->signal != SIGUSR2;
}

/* ---- The terminal -------------------------------------------------------------------
 */

static const char *self;

static void run_shell(void *name)
{
    /* The session has no terminal yet, so this one becomes its controlling terminal. */
    int terminal = open(name, O_RDWR);
    CHECK(terminal >= 0, "cannot open %s", (char *)name);
    for (int i = 0; i < 3; i++)
        dup2(terminal, i);
    close(terminal);
    setenv("PS1", "prompt>", 1);
    setenv("TERM", "dumb", 1);
    execlp("bash", "bash", "--norc", "--noprofile", "-i", NULL);
    _exit(127);
}

static void type(int terminal, const char *text)
{
    CHECK(write(terminal, text, strlen(text)) == (ssize_t)strlen(text), "the terminal");
}

/* Read from the terminal until the text has come. */
static void await_text(int terminal, const char *text)
{
    char seen[4096] = "";
    size_t length = 0;
    while (strstr(seen, text) == NULL) {
        struct pollfd input = {.fd = terminal, .events = POLLIN};
        CHECK(length < sizeof seen - 1 && poll(&input, 1, (int)guard(10000)) == 1,
              "waited for '%s', read: %s", text, seen);
        ssize_t count = read(terminal, seen + length, sizeof seen - 1 - length);
        if (count < 0)
            sleep_for(0.002); /* no process has the terminal open at the moment */
        else
            seen[length += (size_t)count] = '\0';
    }
}

/* Wait until the shell is the only process of its session. */
static void await_solitude(pid_t shell)
{
    double end = seconds_now() + guard(5);
    while (has_children(shell)) {
        CHECK(seconds_now() < end, "waited for the shell's children to end");
        sleep_for(0.001);
    }
}

static void in_terminal(const char *stage, const char *keys, const char *status)
{
    char command[1000];
    snprintf(check_context, sizeof check_context, "%s in a terminal", stage);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0,
          "no terminal");
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    pid_t shell = start_apart(run_shell, ptsname(terminal));
    await_text(terminal, "prompt>");
    snprintf(command, sizeof command, "%s --live %s\n", self, stage);
    type(terminal, command);
    await_text(terminal, "\nready");
    if (keys != NULL) {
        type(terminal, keys);
        await_text(terminal, "prompt>");
        type(terminal, "echo status=$?\n");
        await_text(terminal, status);
        await_solitude(shell);
        type(terminal, "exit\n");
        end_apart(shell, 5);
        close(terminal);
        printf("%-17s %s at the prompt, no process is left\n", stage, status);
    } else {
        close(terminal);
        end_apart(shell, 5);
        printf("%-17s no process is left when the terminal is closed\n", stage);
    }
}

static void try_terminal(void)
{
    static const char interrupt[] = "\003", quit[] = "\034";
    in_terminal("idle", interrupt, "status=130");
    in_terminal("waiting_for_ever", interrupt, "status=130");
    in_terminal("crashing", interrupt, "status=130");
    in_terminal("closing", interrupt, "status=130");
    in_terminal("mapping", quit, "status=131");
    in_terminal("handling", interrupt, "status=5");
    in_terminal("waiting_for_ever", NULL, NULL);
    in_terminal("submitting", NULL, NULL);
}

int main(int argc, char **argv)
{
    uint64_t seed = 1;
    unsigned rounds = 6, run = 0;
    bool all = true;
    self = argv[0];
    /* Started in the background by a shell, this program would ignore these signals. */
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    desk = share(sizeof *desk);
    for (int i = 1; i < argc; i++) {
        bool number = i + 1 < argc;
        if (number && strcmp(argv[i], "--live") == 0) {
            setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
            for (size_t s = 0; s < STAGES; s++)
                if (strcmp(stages[s].name, argv[i + 1]) == 0)
                    stages[s].live(NULL);
            return 2;
        }
        if (number && strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[++i], NULL, 0);
        else if (number && strcmp(argv[i], "--rounds") == 0)
            rounds = (unsigned)strtoul(argv[++i], NULL, 0);
        else
            all = false;
    }
    printf("parent_deaths --seed %llu --rounds %u\n", (unsigned long long)seed, rounds);
    for (size_t s = 0; s < STAGES; s++) {
        bool chosen = all;
        for (int i = 1; i < argc; i++)
            chosen = chosen || strcmp(argv[i], stages[s].name) == 0;
        if (!chosen || stages[s].live == handling)
            continue;
        double start = seconds_now();
        for (size_t d = 0; d < DEATHS; d++)
            for (unsigned round = 0; round < rounds && possible(&stages[s], &deaths[d]);
                 round++, run++)
                inflict(&stages[s], &deaths[d],
                        (double)random_below(&seed, 12000) * 1e-6);
        printf("%-17s no process is left, %.1f s\n", stages[s].name,
               seconds_now() - start);
        fflush(stdout);
    }
    printf("%u deaths\n", run);
    if (all)
        try_terminal();
    return run == 0;
}
