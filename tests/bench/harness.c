/*
 * harness.c: main() of the peers written in C.
 *
 *     build/tests/bench/pool NAME WHAT WORKERS TASKS SIZE
 *
 * NAME is printed as it is. WHAT is one of
 *     trivial    square an int and read it back, TASKS times
 *     roundtrip  the same, one at a time
 *     cpu        SIZE nanoseconds of work for the CPU, TASKS times
 *     result     a result of SIZE bytes, argument: an argument; TASKS times, one at a time
 *     open       open and close, TASKS times
 *     memory     WORKERS that have nothing to do, then TASKS that wait; before and after, the
 *                program waits for a line of input, so that its memory can be measured
 *     crash      a task that kills its process, then how long until the next one's result
 *     caller     the share of the TASKS that the submitting thread ran itself, within the submit
 */
#include "harness.h"
#include "clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *name;
static int workers;
static size_t tasks, size;
bool submitting;

static _Noreturn void wrong(const char *what)
{
    fprintf(stderr, "%s: wrong result: %s\n", name, what);
    exit(1);
}

/* ---- Jobs --------------------------------------------------------------------------- */

void job_run(struct job *job)
{
    job->work(&job->argument, &job->result);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static _Atomic size_t expected;

void jobs_expect(size_t count)
{
    atomic_fetch_add(&expected, count);
}

void jobs_done_one(void)
{
    if (atomic_fetch_sub(&expected, 1) != 1)
        return;
    pthread_mutex_lock(&lock);
    pthread_cond_signal(&all_done);
    pthread_mutex_unlock(&lock);
}

void jobs_await(void)
{
    pthread_mutex_lock(&lock);
    while (atomic_load(&expected) != 0)
        pthread_cond_wait(&all_done, &lock);
    pthread_mutex_unlock(&lock);
}

static struct job *new_jobs(size_t count, work_function *work)
{
    struct job *jobs = malloc(count * sizeof *jobs);
    if (jobs == NULL)
        die("malloc");
    for (size_t i = 0; i < count; i++)
        jobs[i] = (struct job){.work = work, .argument = (int)(i % 1024), .result = -1};
    return jobs;
}

static void run_all(struct job *jobs, size_t count)
{
    submitting = true;
    peer.submit(jobs, count);
    submitting = false;
    peer.collect(jobs, count);
}

static double *new_times(void)
{
    double *new = calloc(tasks, sizeof *new);
    if (new == NULL || tasks == 0)
        die("calloc");
    return new;
}

/*
 * ---- Many tasks ---------------------------------------------------------------------
 *
 * The jobs are allocated after the workers were forked. Otherwise program and workers would share
 * those pages copy-on-write, and the program would pay for a copy of each when it writes to it.
 */

static int square(void *argument, void *result)
{
    int x = *(int *)argument;
    *(int *)result = x * x;
    return 0;
}

static void check_squares(const struct job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i].result != jobs[i].argument * jobs[i].argument)
            wrong("not the square");
}

static void run_squares(size_t count)
{
    struct job *jobs = new_jobs(count, square);
    run_all(jobs, count);
    check_squares(jobs, count);
    free(jobs);
}

static double time_squares(struct job *jobs)
{
    for (size_t i = 0; i < tasks; i++)
        jobs[i].result = -1;
    double start = seconds_now();
    run_all(jobs, tasks);
    check_squares(jobs, tasks);
    return seconds_now() - start;
}

/* More than once: from the second time on, the pool has memory for so many tasks. Few tasks are
 * repeated more often, and the median is taken. */
static void trivial(void)
{
    peer.open(workers);
    run_squares(16 * (size_t)workers); /* all workers exist and are awake */
    struct job *jobs = new_jobs(tasks, square);
    double first = time_squares(jobs);
    size_t times_left = first > 0.02 ? 1 : (size_t)(0.02 / first) + 1, count = 0;
    double times[64];
    while (times_left-- > 0 && count < 64)
        times[count++] = time_squares(jobs);
    peer.close();
    row("trivial", name, workers, tasks, size, first, "again=%.9f",
        percentile(times, count, 0.5));
}

static int burn(void *argument, void *result)
{
    const int *seed = argument;
    *(int *)result = (int)(spin((uint32_t)*seed) >> 1);
    return 0;
}

static void cpu(void)
{
    int loops = (int)loops_for((double)size);
    int expect = (int)(spin((uint32_t)loops) >> 1);
    peer.open(workers);
    run_squares(16 * (size_t)workers);
    struct job *jobs = new_jobs(tasks, burn);
    for (size_t i = 0; i < tasks; i++)
        jobs[i].argument = loops;
    double start = seconds_now();
    run_all(jobs, tasks);
    double seconds = seconds_now() - start;
    for (size_t i = 0; i < tasks; i++)
        if (jobs[i].result != expect)
            wrong("not what the loops give");
    peer.close();
    row("cpu", name, workers, tasks, size, seconds, "-");
}

/* ---- One at a time ------------------------------------------------------------------ */

static void roundtrip(void)
{
    double *times = new_times();
    peer.open(workers);
    run_squares(64);
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        struct job job = {.work = square, .argument = (int)(i % 1024), .result = -1};
        double before = seconds_now();
        run_all(&job, 1);
        times[i] = seconds_now() - before;
        check_squares(&job, 1);
    }
    double seconds = seconds_now() - start;
    peer.close();
    row("roundtrip", name, workers, tasks, size, seconds, "median=%.9f p99=%.9f",
        percentile(times, tasks, 0.5), percentile(times, tasks, 0.99));
}

/*
 * Large results and arguments. Measured is the time from when one side has written the data until
 * the other side has read it; the data begins with a time stamp. Both sides touch every byte: one
 * writes, the other compares.
 */
static double *data_times;
static size_t turn;

static char letter(void)
{
    return (char)('A' + turn % 26);
}

static void check_data(const char *data, char expect)
{
    for (size_t i = sizeof(double); i < size; i += 4096)
        if (data[i] != expect)
            wrong("other data than was written");
    size_t rest = size - sizeof(double);
    if (rest > 1 &&
        memcmp(data + sizeof(double), data + sizeof(double) + 1, rest - 1) != 0)
        wrong("data not of one letter");
}

static int make_result(void *argument, void *result)
{
    memset(result, *(char *)argument, size);
    double stamp = seconds_now();
    memcpy(result, &stamp, sizeof stamp);
    return 0;
}

static void use_result(const void *result)
{
    double arrived = seconds_now(), stamp;
    memcpy(&stamp, result, sizeof stamp);
    data_times[turn] = arrived - stamp;
    check_data(result, letter());
}

static int take_argument(void *argument, void *result)
{
    double stamp = 0, arrived = seconds_now();
    memcpy(&stamp, argument, sizeof stamp);
    check_data(argument, *((char *)argument + sizeof stamp));
    stamp = arrived - stamp;
    memcpy(result, &stamp, sizeof stamp);
    return 0;
}

static void use_time(const void *result)
{
    memcpy(&data_times[turn], result, sizeof(double));
}

/* Threads share all memory, so a job passes two pointers. */
static struct {
    work_function *work;
    const void *argument;
    void *result;
    size_t result_size;
} passed;

static int run_passed(void *argument, void *result)
{
    (void)argument;
    passed.result = malloc(passed.result_size);
    if (passed.result == NULL)
        die("malloc");
    *(int *)result = passed.work((void *)(uintptr_t)passed.argument, passed.result);
    return 0;
}

static void data_by_pointer(work_function *work, const void *argument,
                            size_t argument_size, size_t result_size,
                            void (*use)(const void *result))
{
    (void)argument_size;
    struct job job = {.work = run_passed, .result = -1};
    passed.work = work;
    passed.argument = argument;
    passed.result_size = result_size;
    run_all(&job, 1);
    use(passed.result);
    free(passed.result);
}

static void data(const char *what)
{
    int to_worker = strcmp(what, "argument") == 0;
    void (*run)(work_function *, const void *, size_t, size_t, void (*)(const void *)) =
        peer.data != NULL ? peer.data : data_by_pointer;
    if (size <= sizeof(double))
        wrong("size: more than 8 bytes, please");
    char *argument = malloc(size);
    data_times = new_times();
    if (argument == NULL)
        die("malloc");
    peer.open(workers);
    double start = seconds_now();
    for (turn = 0; turn < tasks; turn++) {
        char fill = letter();
        if (!to_worker) {
            run(make_result, &fill, 1, size, use_result);
            continue;
        }
        memset(argument, fill, size);
        double stamp = seconds_now();
        memcpy(argument, &stamp, sizeof stamp);
        run(take_argument, argument, size, sizeof(double), use_time);
    }
    double seconds = seconds_now() - start;
    peer.close();
    free(argument);
    row(what, name, workers, tasks, size, seconds, "median=%.9f p99=%.9f",
        percentile(data_times, tasks, 0.5), percentile(data_times, tasks, 0.99));
}

/* ---- Other figures ------------------------------------------------------------------ */

static void open_and_close(void)
{
    double *times = new_times();
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        double before = seconds_now();
        peer.open(workers);
        peer.close();
        times[i] = seconds_now() - before;
    }
    double seconds = seconds_now() - start;
    row("open", name, workers, tasks, size, seconds, "median=%.9f p99=%.9f",
        percentile(times, tasks, 0.5), percentile(times, tasks, 0.99));
}

static _Atomic int *gate;

static int wait_at_gate(void *argument, void *result)
{
    while (atomic_load(gate) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return square(argument, result);
}

static void stop_at(const char *place)
{
    printf("#%s\n", place);
    fflush(stdout);
    while (getchar() != '\n')
        if (feof(stdin))
            exit(1);
}

static void memory(void)
{
    gate = shared_memory(sizeof *gate);
    stop_at("before");
    peer.open(workers);
    run_squares(16 * (size_t)workers);
    struct job *held = new_jobs((size_t)workers, wait_at_gate);
    peer.submit(held, (size_t)workers);
    stop_at("workers");
    struct job *jobs = new_jobs(tasks, square);
    stop_at("jobs");
    peer.submit(jobs, tasks);
    stop_at("tasks");
    atomic_store(gate, 1);
    peer.collect(held, (size_t)workers);
    peer.collect(jobs, tasks);
    check_squares(held, (size_t)workers);
    check_squares(jobs, tasks);
    peer.close();
}

static int crash(void *argument, void *result)
{
    (void)argument;
    (void)result;
    return raise(SIGKILL);
}

static void crash_and_go_on(void)
{
    double *times = new_times();
    size_t lost = 0;
    peer.open(workers);
    run_squares(16 * (size_t)workers);
    double start = seconds_now();
    for (size_t i = 0; i < tasks; i++) {
        struct job *jobs = new_jobs(12, square);
        jobs[0].work = crash;
        double before = seconds_now();
        peer.submit(jobs, 12);
        peer.collect(jobs, 2);
        times[i] = seconds_now() - before;
        peer.collect(jobs + 2, 10);
        for (int k = 1; k < 12; k++)
            lost += jobs[k].result != jobs[k].argument * jobs[k].argument;
        free(jobs);
    }
    double seconds = seconds_now() - start;
    peer.close();
    row("crash", name, workers, tasks, size, seconds, "median=%.9f p99=%.9f lost=%.1f",
        percentile(times, tasks, 0.5), percentile(times, tasks, 0.99),
        (double)lost / (double)tasks);
}

static pthread_t submitter;
static pid_t program;
static _Atomic size_t run_by_submitter;

static int square_and_tell(void *argument, void *result)
{
    if (getpid() == program && pthread_equal(pthread_self(), submitter) && submitting)
        atomic_fetch_add(&run_by_submitter, 1);
    return square(argument, result);
}

static void caller(void)
{
    peer.open(workers);
    struct job *jobs = new_jobs(tasks, square_and_tell);
    submitter = pthread_self();
    program = getpid();
    double start = seconds_now();
    run_all(jobs, tasks);
    double seconds = seconds_now() - start;
    check_squares(jobs, tasks);
    peer.close();
    row("caller", name, workers, tasks, size, seconds, "share=%.3f",
        (double)atomic_load(&run_by_submitter) / (double)tasks);
}

int main(int argc, char **argv)
{
    if (argc != 6 || number(argv[3]) < 1 || number(argv[3]) > 4096) {
        fprintf(stderr, "usage: %s NAME WHAT WORKERS TASKS SIZE\n", argv[0]);
        return 2;
    }
    name = argv[1];
    const char *what = argv[2];
    workers = (int)number(argv[3]);
    tasks = number(argv[4]);
    size = number(argv[5]);
    if (strcmp(what, "trivial") == 0)
        trivial();
    else if (strcmp(what, "roundtrip") == 0)
        roundtrip();
    else if (strcmp(what, "cpu") == 0)
        cpu();
    else if (strcmp(what, "result") == 0 || strcmp(what, "argument") == 0)
        data(what);
    else if (strcmp(what, "open") == 0)
        open_and_close();
    else if (strcmp(what, "memory") == 0)
        memory();
    else if (strcmp(what, "crash") == 0)
        crash_and_go_on();
    else if (strcmp(what, "caller") == 0)
        caller();
    else
        return fprintf(stderr, "%s: nothing is called '%s'\n", argv[0], what), 2;
    return 0;
}
