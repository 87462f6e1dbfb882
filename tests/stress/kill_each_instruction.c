/*
 * kill_each_instruction.c: kill a process of the pool after its first instruction, its second, ...
 *
 *     build/tests/stress/kill_each_instruction        all scenarios
 *     build/tests/stress/kill_each_instruction [--every N] [--spin] SCENARIO...
 *
 * For k = 1, 2, 3, ... a program opens a pool and acts out the scenario. Its parent, the killer,
 * stops one of the processes by ptrace(2), lets it execute k more instructions, and kills it. The
 * scenario is over when the victim sleeps or ends before its k-th instruction. The program checks
 * how its tasks ended, and the killer checks that no process is left. In long scenarios, or with
 * --every N, k grows in larger steps.
 *
 * All processes run on one CPU, where the pool does not spin before it sleeps; with --spin, they
 * run on all CPUs.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "shared.h"
#include "stress.h"

enum stage {
    OPENING,
    READY_TO_ACT,
    HELD,
    ACTED
};

/* Shared by the program and the killer, its parent. */
static struct desk {
    _Atomic int stage;
    _Atomic pid_t victim;
    _Atomic int state; /* how the scenario's first task ended */
    _Atomic int began[2];
    _Atomic bool died;
} * desk;

/* ---- The program's side -------------------------------------------------------------
 */

static int act(void *argument, void *result)
{
    int number = *(int *)argument;
    atomic_fetch_add(&desk->began[number], 1);
    *(int *)result = number + 100;
    return 0;
}

static int linger(void *argument, void *result)
{
    act(argument, result);
    sleep_for(30);
    return 0;
}

static struct future *submit(struct pool *pool, future_function *work, int number)
{
    struct future *future =
        future_submit(pool, work, &number, sizeof number, sizeof(int));
    CHECK(future != NULL || errno == EOWNERDEAD, "future_submit");
    return future;
}

static struct pool *open_pool(int workers)
{
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL, "pool_open");
    watchdog(20, pool);
    return pool;
}

/* Ask the killer to hold the victim, and wait until it does. */
static void hold(pid_t victim)
{
    atomic_store(&desk->victim, victim);
    atomic_store(&desk->stage, READY_TO_ACT);
    while (atomic_load(&desk->stage) != HELD)
        sleep_for(0.0001);
}

/* A worker will die: turn the program's checks off, so that another process must wake it. */
static void hold_worker(struct pool *pool)
{
    look_no_more(pool);
    hold(pool_worker(pool, 0));
}

static void acted(void)
{
    atomic_store(&desk->stage, ACTED);
}

/* The death may cost this task, and no more. If a worker died, another process must wake the
 * program, which does not check by itself here; if the foreman died, the program must find out. */
static void check_task(struct future *future, int number, bool foreman_dies)
{
    int result = 0;
    double start = seconds_now();
    enum future_status status = future_result(future, guard(6), &result);
    int began = atomic_load(&desk->began[number]);
    /* At its timeout the wait checks once more, so only its duration shows a lost wake-up. */
    CHECK(seconds_now() - start < guard(5),
          "waited %.1f s for task %d: no process woke the program", seconds_now() - start,
          number);
    if (status == FUTURE_OK)
        CHECK(result == number + 100 && began == 1, "task %d is done: began %d", number,
              began);
    else if (status == FUTURE_LOST)
        CHECK(began <= 1 && future_worker_status(future) == SIGKILL,
              "task %d is lost: began %d, status %d", number, began,
              future_worker_status(future));
    else
        CHECK(foreman_dies && status == FUTURE_BROKEN && began <= 1,
              "task %d: %s, began %d", number, future_status_name(status), began);
    sleep_for(0.0005);
    CHECK(future_status(future) == status, "task %d ended twice: %s, then %s", number,
          future_status_name(status), future_status_name(future_status(future)));
    if (number == 0)
        atomic_store(&desk->state, (int)status);
}

static void check_close(struct pool *pool, bool foreman_dies)
{
    int lost = pool_close(pool);
    CHECK(lost == 0 || (foreman_dies && lost == -1 && errno == EOWNERDEAD),
          "pool_close: %d", lost);
}

/* Watch the task: the process that ends it must wake the program. */
static void watch(struct future *future)
{
    future_result(future, 0, NULL);
}

/* The only worker is woken, takes a task, runs it, finishes it, and sleeps. */
static void one_task(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    await_idle(pool);
    hold_worker(pool);
    struct future *future = submit(pool, act, 0);
    watch(future);
    acted();
    check_task(future, 0, false);
    check_close(pool, false);
}

/* Two workers sleep, two tasks come: the worker woken first wakes the other, or dies
 * before it can. */
static void two_tasks(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    await_idle(pool);
    hold_worker(pool);
    struct future *first = submit(pool, act, 0), *second = submit(pool, act, 1);
    watch(first);
    watch(second);
    acted();
    check_task(second, 1, false);
    check_task(first, 0, false);
    check_close(pool, false);
}

/* The same, but the first task occupies its worker: the other must run the second. */
static void wake_next(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    await_idle(pool);
    hold_worker(pool);
    struct future *first = submit(pool, linger, 0), *second = submit(pool, act, 1);
    watch(second);
    acted();
    check_task(second, 1, false);
    future_stop(first);
    enum future_status status = future_result(first, guard(15), NULL);
    CHECK(status == FUTURE_STOPPED || status == FUTURE_LOST || status == FUTURE_CANCELLED,
          "the first task: %s", future_status_name(status));
    atomic_store(&desk->state, (int)status);
    check_close(pool, false);
}

/* The only worker is killed while it ends. */
static void closing(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    await_idle(pool);
    hold_worker(pool);
    acted();
    check_close(pool, false);
}

/* A task is stopped after the worker that was to run it has been killed. */
static void stopping(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    await_idle(pool);
    hold_worker(pool);
    struct future *future = submit(pool, act, 0), *second = submit(pool, act, 1);
    watch(second);
    acted();
    while (!atomic_load(&desk->died))
        sleep_for(0.0001);
    bool stops = future_stop(future);
    enum future_status status = future_result(future, guard(15), NULL);
    CHECK(stops ? status == FUTURE_STOPPED || status == FUTURE_CANCELLED
                : status == FUTURE_OK || status == FUTURE_LOST,
          "stopped: %d, and then: %s", stops, future_status_name(status));
    CHECK(atomic_load(&desk->began[0]) <= (status != FUTURE_CANCELLED),
          "began, cancelled");
    atomic_store(&desk->state, (int)status);
    check_task(second, 1, false);
    check_close(pool, false);
}

/* The foreman buries a worker and forks the next one. */
static void burial(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    await_idle(pool);
    struct future *first = submit(pool, linger, 0), *second = submit(pool, act, 1);
    while (atomic_load(&desk->began[0]) == 0)
        sleep_for(0.0001);
    watch(first);
    hold(pool_foreman(pool));
    kill(pool_worker(pool, 0), SIGKILL);
    acted();
    check_task(first, 0, true);
    check_task(second, 1, true);
    check_close(pool, true);
}

/* The foreman is told to stop a task. */
static void stop_by_foreman(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(2);
    await_idle(pool);
    struct future *future = submit(pool, linger, 0);
    while (atomic_load(&desk->began[0]) == 0)
        sleep_for(0.0001);
    watch(future);
    hold(pool_foreman(pool));
    future_stop(future);
    acted();
    enum future_status status = future_result(future, guard(15), NULL);
    CHECK(status == FUTURE_STOPPED || status == FUTURE_BROKEN, "it ends as %s",
          future_status_name(status));
    atomic_store(&desk->state, (int)status);
    check_close(pool, true);
}

/* The foreman dies while the program closes the pool. */
static void close_by_foreman(void *unused)
{
    (void)unused;
    struct pool *pool = open_pool(1);
    await_idle(pool);
    hold(pool_foreman(pool));
    acted();
    check_close(pool, true);
}

/* The foreman, or the first worker, dies soon after the fork() that made it. */
static void birth(void *unused)
{
    (void)unused;
    hold(getpid());
    watchdog(20, NULL);
    struct pool *pool = pool_open(1);
    if (pool == NULL) {
        CHECK(errno == EOWNERDEAD, "pool_open");
        return;
    }
    watchdog(20, pool);
    struct future *future = submit(pool, act, 0);
    if (future != NULL)
        check_task(future, 0, true);
    check_close(pool, true);
}

/* The program dies, at any instruction from before pool_open() to after pool_close(). */
static void program(void *unused)
{
    (void)unused;
    hold(getpid());
    struct pool *pool = pool_open(2);
    if (pool == NULL)
        return;
    struct future *first = submit(pool, act, 0), *second = submit(pool, linger, 1);
    future_result(first, POOL_FOREVER, NULL);
    future_stop(second);
    future_result(second, POOL_FOREVER, NULL);
    future_free(first);
    future_free(second);
    pool_close(pool);
}

/* ---- The killer's side --------------------------------------------------------------
 */

/* Whether the victim is blocked in a system call, and not only slow. */
static bool blocked(pid_t victim)
{
    char state = process_state(victim);
    return state == 'S' || state == 'D';
}

enum step {
    STEPPED,
    ASLEEP,
    ENDED
};

static void await_stop(pid_t pid, int *status)
{
    while (waitpid(pid, status, __WALL) < 0)
        CHECK(errno == EINTR, "process %ld can't be waited for", (long)pid);
}

/* The killer, as the tracer, must reap the process first; until then its parent is not told that
 * it has ended. */
static void await_end(pid_t pid)
{
    int status;
    do
        await_stop(pid, &status);
    while (WIFSTOPPED(status));
}

/* Execute one instruction, and deliver the signal that came before it, if any. A timer interrupts
 * the wait every 10 ms, to see whether the victim is blocked. */
static enum step step(pid_t victim, bool sleeps, int *signal)
{
    int status, seen_blocked = 0;
    if (ptrace(PTRACE_SINGLESTEP, victim, NULL, (void *)(long)*signal) != 0) {
        await_end(victim); /* the foreman has killed it between two steps */
        return ENDED;
    }
    *signal = 0;
    while (waitpid(victim, &status, __WALL) < 0) {
        CHECK(errno == EINTR, "waitpid");
        if (blocked(victim) && ++seen_blocked > 2 && sleeps)
            return ASLEEP;
    }
    if (!WIFSTOPPED(status))
        return ENDED;
    if (WSTOPSIG(status) != SIGTRAP)
        *signal = WSTOPSIG(status);
    return STEPPED;
}

static void seize(pid_t victim)
{
    int status;
    CHECK(ptrace(PTRACE_SEIZE, victim, NULL, NULL) == 0, "PTRACE_SEIZE");
    CHECK(ptrace(PTRACE_INTERRUPT, victim, NULL, NULL) == 0, "PTRACE_INTERRUPT");
    await_stop(victim, &status);
}

/* Let the parent run until it forks. Returns the child, which is stopped. */
static pid_t child_of(pid_t parent)
{
    int status;
    unsigned long child;
    CHECK(ptrace(PTRACE_SETOPTIONS, parent, NULL, PTRACE_O_TRACEFORK) == 0,
          "PTRACE_SETOPTIONS");
    for (;;) {
        ptrace(PTRACE_CONT, parent, NULL, NULL);
        await_stop(parent, &status);
        CHECK(WIFSTOPPED(status), "it ended before it forked");
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8))
            break;
    }
    ptrace(PTRACE_GETEVENTMSG, parent, NULL, &child);
    await_stop((pid_t)child, &status);
    ptrace(PTRACE_DETACH, parent, NULL, NULL);
    ptrace(PTRACE_SETOPTIONS, child, NULL, 0); /* or its children would be stopped, too */
    return (pid_t)child;
}

struct scenario {
    const char *name;
    void (*program)(void *);
    int generations; /* 0: the process named is the victim; 1: its child; 2: its grandchild */
    bool sleeps;     /* the scenario ends when the victim blocks */
    unsigned every; /* kill it after instruction 1, 1 + every, 1 + 2 * every, ... */
};

static const struct scenario scenarios[] = {
    {"one_task", one_task, 0, true, 1},
    {"two_tasks", two_tasks, 0, true, 1},
    {"wake_next", wake_next, 0, true, 1},
    {"stopping", stopping, 0, true, 1},
    {"closing", closing, 0, true, 1},
    {"burial", burial, 0, true, 41},
    {"stop_by_foreman", stop_by_foreman, 0, true, 23},
    {"close_by_foreman", close_by_foreman, 0, true, 11},
    {"foreman_birth", birth, 1, true, 997}, /* of about 9,000 */
    {"worker_birth", birth, 2, true, 23},
    {"program", program, 0, false, 97},
};

/* Kill the victim after so many instructions. False: it slept or ended before. */
static bool run_until(const struct scenario *scenario, unsigned instructions)
{
    memset(desk, 0, sizeof *desk);
    atomic_store(&desk->state, -1);
    pid_t child = start_apart(scenario->program, NULL);
    while (atomic_load(&desk->stage) != READY_TO_ACT) {
        int status;
        CHECK(waitpid(child, &status, WNOHANG) == 0, "the program ended early");
        sleep_for(0.0001);
    }
    pid_t victim = atomic_load(&desk->victim);
    seize(victim);
    atomic_store(&desk->stage, HELD);
    for (int i = 0; i < scenario->generations; i++)
        victim = child_of(victim);
    if (scenario->generations == 0 && victim != child) {
        while (atomic_load(&desk->stage) != ACTED)
            sleep_for(0.0001);
        if (scenario->program == closing || scenario->program == close_by_foreman)
            sleep_for(0.001); /* pool_close() blocks */
    }
    enum step last = STEPPED;
    int signal = 0;
    for (unsigned i = 0; i < instructions && last == STEPPED; i++)
        last = step(victim, scenario->sleeps, &signal);
    kill(victim, SIGKILL);
    atomic_store(&desk->died, true);
    if (last != ENDED)
        await_end(victim);
    if (victim == child) {
        await_orphans(child);
        return last == STEPPED;
    }
    int status = end_apart(child, 25);
    CHECK(status == 0, "the program ended with status %#x", status);
    return last == STEPPED;
}

static const char *how(int state)
{
    return state < 0 ? "-" : future_status_name((enum future_status)state);
}

static void run_scenario(const struct scenario *scenario, unsigned every)
{
    double start = seconds_now();
    int before = -2;
    unsigned k = 1;
    printf("%-17s", scenario->name);
    bool more = true;
    for (; more; k += every) {
        snprintf(check_context, sizeof check_context, "%s, killed after %u instructions",
                 scenario->name, k);
        more = run_until(scenario, k);
        int state = atomic_load(&desk->state);
        if (state != before && state >= 0)
            printf(" %s from %u,", how(state), k);
        before = state;
        fflush(stdout);
    }
    printf(" %u instructions, %.1f s\n", k - every, seconds_now() - start);
}

static void interrupt(int number)
{
    (void)number;
}

static void tick(void)
{
    struct sigaction action = {.sa_handler = interrupt};
    struct itimerval interval = {{0, 10000}, {0, 10000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &interval, NULL);
}

static void use_one_cpu(void)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
    bool kept = false;
    for (size_t i = CPU_SETSIZE; i-- > 0;) {
        if (CPU_ISSET(i, &set) && kept)
            CPU_CLR(i, &set);
        kept = kept || CPU_ISSET(i, &set);
    }
    CHECK(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
}

int main(int argc, char **argv)
{
    unsigned every = 0;
    bool spin = false, all = true;
    desk = share(sizeof *desk);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--spin") == 0)
            spin = true;
        else if (strcmp(argv[i], "--every") == 0 && i + 1 < argc)
            every = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            all = false;
    if (!spin)
        use_one_cpu();
    tick();
    int run = 0;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        bool chosen = all;
        for (int j = 1; j < argc; j++)
            chosen = chosen || strcmp(argv[j], scenarios[i].name) == 0;
        if (chosen)
            run_scenario(&scenarios[i], every != 0 ? every : scenarios[i].every);
        run += chosen;
    }
    return run == 0;
}
