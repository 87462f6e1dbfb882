/*
 * random_kills.c: a pool runs tasks while its workers are killed, at random and at the worst
 * moments.
 *
 *     build/tests/stress/random_kills --seed 7 --workers 4 --tasks 1000000 --long 2000
 *     build/tests/stress/random_kills --seconds 60    for a minute, again with other seeds
 *
 * Every task counts its beginning and its end in memory that outlives its worker, and some
 * tasks append to a file. In the end each task must have begun at most once, and its future
 * must say what happened. The same seed gives the same tasks and the same order of calls, but
 * not the same timing.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "shared.h" /* the killer reads the slots, to time its kills */
#include "stress.h"

#define STUCK            60  /* seconds without progress, after which the test fails */
#define KILLS_PER_SECOND 400 /* on a fast machine: each kill costs the pool a fork */

enum kind {
    TRIVIAL,
    SLEEPS,
    APPENDS
};

struct order {
    uint64_t id;
    enum kind kind;
};

struct trace {
    _Atomic int began, ended; /* not bytes: RISC-V needs a library to exchange one */
};

/* Shared memory, which outlives any worker. */
static struct ledger {
    _Atomic pid_t about_to_end; /* the worker that last counted the end of a task */
    _Atomic uint64_t kills[4];
    _Atomic bool over;
    struct trace trace[];
} * ledger;

static int file = -1;

static uint64_t seed = 1, tasks = 1000000, longs = 3000, seconds;
static uint64_t kills_per_second; /* 0: as many as the machine can fork workers */
static int workers = 4;

/* ---- The tasks ----------------------------------------------------------------------
 */

static void carry_out(const struct order *order)
{
    struct trace *trace = &ledger->trace[order->id];
    atomic_fetch_add(&trace->began, 1);
    if (order->kind == SLEEPS)
        sleep_for((double)(order->id % 8) * 0.0005);
    if (order->kind == APPENDS && write(file, &order->id, sizeof order->id) < 0)
        _exit(9);
    atomic_fetch_add(&trace->ended, 1);
    atomic_store_explicit(&ledger->about_to_end, getpid(), memory_order_relaxed);
}

static int task_with_future(void *argument, void *result)
{
    const struct order *order = argument;
    carry_out(order);
    *(uint64_t *)result = order->id * 3 + 1;
    return 0;
}

static void task_alone(void *argument)
{
    carry_out(argument);
}

/* ---- The killer ---------------------------------------------------------------------
 */

static void hit(pid_t pid, int how)
{
    if (pid > 0 && kill(pid, SIGKILL) == 0)
        atomic_fetch_add(&ledger->kills[how], 1);
}

static void hit_at_random(const struct pool *pool, uint64_t *dice)
{
    hit(pool_worker(pool, (int)random_below(dice, (uint64_t)workers)), 0);
}

/* True while the killer has watched for less than 4 ms. (Reads the clock every 256th time.) */
static bool patient(double start, unsigned i)
{
    return i % 256 != 0 || seconds_now() - start < 0.004;
}

/* Kill a worker just after it noted the task that it is about to take. */
static void hit_while_taking(const struct pool *pool, uint64_t *dice)
{
    struct slot *slot =
        &pool->shared->slots[random_below(dice, (uint64_t)pool->inherited.workers)];
    struct task *before = atomic_load(&slot->task);
    double start = seconds_now();
    for (unsigned i = 1; patient(start, i); i++)
        if (atomic_load(&slot->task) != before) {
            hit(atomic_load(&slot->pid), 1);
            return;
        }
}

/* Kill a worker just after it took a task. */
static void hit_taker(const struct pool *pool, uint64_t *dice)
{
    unsigned number = (unsigned)random_below(dice, (uint64_t)pool->inherited.workers);
    struct slot *slot = &pool->shared->slots[number];
    bool was_running = true;
    double start = seconds_now();
    for (unsigned i = 1; patient(start, i); i++) {
        struct task *task = atomic_load(&slot->task);
        bool runs = task != NULL && word_is_run_by(atomic_load(&task->word), number);
        if (runs && !was_running) {
            hit(atomic_load(&slot->pid), 2);
            return;
        }
        was_running = runs;
    }
}

/* Kill a worker just before it says that the task is done. */
static void hit_finisher(void)
{
    double start = seconds_now();
    atomic_store(&ledger->about_to_end, 0);
    for (unsigned i = 1; patient(start, i); i++) {
        pid_t pid = atomic_load_explicit(&ledger->about_to_end, memory_order_relaxed);
        if (pid != 0) {
            hit(pid, 3);
            return;
        }
    }
}

static void kill_workers(const struct pool *pool, uint64_t dice)
{
    while (!atomic_load(&ledger->over)) {
        switch (random_below(&dice, 4)) {
        case 0:
            hit_at_random(pool, &dice);
            break;
        case 1:
            hit_while_taking(pool, &dice);
            break;
        case 2:
            hit_taker(pool, &dice);
            break;
        default:
            hit_finisher();
        }
        uint64_t most = 2000000 / kills_per_second;
        sleep_for((double)random_below(&dice, most + 1) * 1e-6);
    }
}

/* ---- The program --------------------------------------------------------------------
 */

struct entry {
    struct future *future; /* NULL: submitted without a future */
    uint64_t id;
    bool stop;
};

static uint64_t tally[FUTURE_BROKEN + 1], alone, released;

static void submit(struct pool *pool, uint64_t *dice, struct entry *entry)
{
    struct order order = {.id = entry->id, .kind = TRIVIAL};
    if (random_below(dice, tasks) < longs)
        order.kind = SLEEPS;
    else if (random_below(dice, 16) == 0)
        order.kind = APPENDS;
    *entry = (struct entry){.id = entry->id};
    if (random_below(dice, 4) == 0) {
        CHECK(pool_submit(pool, task_alone, &order, sizeof order) == 0, "pool_submit");
        alone++;
        return;
    }
    entry->future =
        future_submit(pool, task_with_future, &order, sizeof order, sizeof(uint64_t));
    CHECK(entry->future != NULL, "future_submit");
}

/* At random, cancel the task, stop it, or free its future. */
static void meddle(uint64_t *dice, struct entry *entry)
{
    if (entry->future == NULL)
        return;
    switch (random_below(dice, 500)) {
    case 0:
    case 1:
        future_cancel(entry->future);
        break;
    case 2:
        entry->stop = future_stop(entry->future);
        break;
    case 3:
        CHECK(future_free(entry->future) == 0, "future_free");
        entry->future = NULL;
        released++;
        break;
    default:
        break;
    }
}

static void check_end(struct entry *entry)
{
    uint64_t result = 0;
    enum future_status status = future_result(entry->future, POOL_FOREVER, &result);
    struct trace *trace = &ledger->trace[entry->id];
    int began = atomic_load(&trace->began), ended = atomic_load(&trace->ended);
    int death = future_worker_status(entry->future);
    switch (status) {
    case FUTURE_OK:
        CHECK(began == 1 && ended == 1 && result == entry->id * 3 + 1,
              "task %llu is done: began %d, ended %d, result %llu",
              (unsigned long long)entry->id, began, ended, (unsigned long long)result);
        break;
    case FUTURE_CANCELLED:
        CHECK(began == 0, "task %llu was cancelled and began",
              (unsigned long long)entry->id);
        break;
    case FUTURE_LOST:
        CHECK(began <= 1 && WIFSIGNALED(death) && WTERMSIG(death) == SIGKILL,
              "task %llu is lost: began %d, status %#x", (unsigned long long)entry->id,
              began, (unsigned)death);
        break;
    default:
        CHECK(status == FUTURE_STOPPED && entry->stop && began <= 1,
              "task %llu: %s, began %d", (unsigned long long)entry->id,
              future_status_name(status), began);
    }
    CHECK(future_status(entry->future) == status, "a second end");
    tally[status]++;
    CHECK(future_free(entry->future) == 0, "future_free");
}

static int by_future(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct entry *)a)->future;
    uintptr_t right = (uintptr_t)((const struct entry *)b)->future;
    return (left > right) - (left < right);
}

static void collect_by_completion(struct entry *entry, size_t count)
{
    struct future **futures = calloc(count + 1, sizeof *futures);
    CHECK(futures != NULL, "no memory");
    size_t with = 0, out = 0;
    for (size_t i = 0; i < count; i++)
        if (entry[i].future != NULL)
            futures[with++] = entry[i].future;
    qsort(entry, count, sizeof *entry, by_future);
    struct completions *completions = completions_open(futures, with);
    CHECK(completions != NULL, "completions_open");
    struct future *future;
    while ((future = completions_next(completions, POOL_FOREVER)) != NULL) {
        struct entry key = {.future = future};
        struct entry *found = bsearch(&key, entry, count, sizeof *entry, by_future);
        CHECK(found != NULL && future_done(future), "a stranger came out");
        out++;
    }
    CHECK(errno == ENOENT && out == with, "%zu of %zu came out", out, with);
    completions_close(completions);
    free(futures);
}

static void collect(uint64_t *dice, struct entry *entry, size_t count)
{
    uint64_t how = random_below(dice, 3);
    if (how == 0)
        collect_by_completion(entry, count);
    for (size_t i = 0; i < count; i++) {
        struct entry *next = &entry[how == 1 ? count - 1 - i : i];
        if (next->future != NULL)
            check_end(next);
    }
}

static void work_through(struct pool *pool, uint64_t *dice)
{
    struct entry *entry = calloc(20000, sizeof *entry);
    CHECK(entry != NULL, "no memory");
    for (uint64_t id = 0; id < tasks;) {
        static const uint64_t most[] = {1, 30, 1000, 20000};
        size_t count = (size_t)random_below(dice, most[random_below(dice, 4)]) + 1;
        if (count > tasks - id)
            count = (size_t)(tasks - id);
        watchdog(STUCK, pool);
        for (size_t i = 0; i < count; i++) {
            entry[i].id = id++;
            submit(pool, dice, &entry[i]);
        }
        for (size_t i = 0; i < count; i++)
            meddle(dice, &entry[i]);
        collect(dice, entry, count);
    }
    free(entry);
}

/* No task, with a future or without, ran twice, and no more are missing than the pool reported as
 * lost. */
static void check_ledger(int lost, uint64_t kills)
{
    uint64_t missing = 0;
    for (uint64_t id = 0; id < tasks; id++) {
        int began = atomic_load(&ledger->trace[id].began);
        int ended = atomic_load(&ledger->trace[id].ended);
        CHECK(began <= 1 && ended <= began, "task %llu began %d times, ended %d",
              (unsigned long long)id, began, ended);
        missing += ended == 0;
    }
    uint64_t known = tally[FUTURE_LOST] + tally[FUTURE_STOPPED] +
                     tally[FUTURE_CANCELLED] + (uint64_t)lost;
    CHECK(missing <= known, "%llu did not run to their end, %llu are reported",
          (unsigned long long)missing, (unsigned long long)known);
    CHECK(tally[FUTURE_LOST] + (uint64_t)lost <= kills, "more lost than killed");
}

/* No number is in the file twice. */
static void check_file(void)
{
    uint8_t *seen = calloc((size_t)tasks, 1);
    uint64_t id, lines = 0;
    CHECK(seen != NULL, "no memory");
    for (; pread(file, &id, sizeof id, (off_t)(lines * sizeof id)) == sizeof id; lines++)
        CHECK(id < tasks && seen[id]++ == 0, "task %llu wrote twice",
              (unsigned long long)id);
    free(seen);
    printf("  %llu lines in the file, none twice\n", (unsigned long long)lines);
}

static void open_file(void)
{
    char name[] = "/tmp/random_kills-XXXXXX";
    int made = mkstemp(name);
    CHECK(made >= 0, "cannot make a file");
    file = open(name, O_RDWR | O_APPEND | O_CLOEXEC);
    unlink(name);
    close(made);
    CHECK(file >= 0, "cannot make a file");
}

static void random_kills(void *unused)
{
    (void)unused;
    uint64_t dice = seed;
    struct holdings before = holdings_now();
    size_t size = sizeof *ledger + (size_t)tasks * sizeof *ledger->trace;
    ledger = share(size);
    open_file();
    struct pool *pool = pool_open(workers);
    CHECK(pool != NULL, "cannot open a pool of %d", workers);
    watchdog(STUCK, pool);
    pid_t killer = fork();
    CHECK(killer >= 0, "cannot fork the killer");
    if (killer == 0) {
        setpriority(PRIO_PROCESS, 0, -15); /* works as root only */
        kill_workers(pool, random_next(&dice));
        _exit(0);
    }
    work_through(pool, &dice);
    int lost = pool_close(pool);
    watchdog(STUCK, NULL);
    CHECK(lost >= 0, "pool_close");
    atomic_store(&ledger->over, true);
    CHECK(waitpid(killer, NULL, 0) == killer, "the killer is gone");
    uint64_t *k = (uint64_t[4]){ledger->kills[0], ledger->kills[1], ledger->kills[2],
                                ledger->kills[3]};
    printf("  done %llu, lost %llu, cancelled %llu, stopped %llu; %llu without a future "
           "and %llu let go, of these lost %d\n"
           "  kills: %llu at random, %llu taking, %llu taken, %llu finishing\n",
           (unsigned long long)tally[FUTURE_OK], (unsigned long long)tally[FUTURE_LOST],
           (unsigned long long)tally[FUTURE_CANCELLED],
           (unsigned long long)tally[FUTURE_STOPPED], (unsigned long long)alone,
           (unsigned long long)released, lost, (unsigned long long)k[0],
           (unsigned long long)k[1], (unsigned long long)k[2], (unsigned long long)k[3]);
    check_ledger(lost, k[0] + k[1] + k[2] + k[3]);
    check_file();
    close(file);
    munmap(ledger, size);
    watchdog(0, NULL);
    check_nothing_left(&before);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"workers", required_argument, NULL, 'w'},
                                            {"tasks", required_argument, NULL, 't'},
                                            {"long", required_argument, NULL, 'l'},
                                            {"kills", required_argument, NULL, 'k'},
                                            {"seconds", required_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        uint64_t number = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;
        if (option == 's')
            seed = number;
        else if (option == 'w')
            workers = (int)number;
        else if (option == 't')
            tasks = number;
        else if (option == 'l')
            longs = number;
        else if (option == 'k')
            kills_per_second = number;
        else if (option == 'd')
            seconds = number;
        else
            return 2;
    }
    if (tasks == 0 || workers < 1)
        return 2;
    if (kills_per_second == 0)
        kills_per_second = (uint64_t)(KILLS_PER_SECOND / guard_factor()) + 1;
    double start = seconds_now();
    do {
        printf(
            "random_kills --seed %llu --workers %d --tasks %llu --long %llu --kills %llu\n",
            (unsigned long long)seed, workers, (unsigned long long)tasks,
            (unsigned long long)longs, (unsigned long long)kills_per_second);
        int status = run_apart(random_kills, NULL, 300);
        printf("  %s, %.1f s\n", status == 0 ? "all well" : "FAILED",
               seconds_now() - start);
        if (status != 0)
            return 1;
        seed++;
    } while (seconds_now() - start < (double)seconds);
    return 0;
}
