/*
 * memory.c: alignment, page sizes, margins, locked memory and limits; what a map keeps when its
 * time is over; to which process the current future belongs; where traces go.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "future.h"
#include "shared.h"
#include "stress.h"

#define SOON 10

/* ---- Alignment ---- */

static int address_of_both(void *argument, void *result)
{
    uintptr_t both[2] = {(uintptr_t)argument, (uintptr_t)result};
    memcpy(result, both, sizeof both);
    return 0;
}

static void alignment(void *unused)
{
    (void)unused;
    static char argument[20000];
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    for (size_t align = 16; align <= 4096; align *= 2)
        for (size_t many = 1; many <= 3; many++)
            for (size_t other = 1; other < 5000; other = other * 3 + 1) {
                struct future *one =
                    future_submit(pool, address_of_both, argument, align * many, align);
                struct future *two =
                    future_submit(pool, address_of_both, argument, other, align * many);
                uintptr_t at[512];
                CHECK(future_result(one, guard(SOON), at) == FUTURE_OK, "the first");
                CHECK(at[0] % align == 0 && at[1] % align == 0,
                      "%zu bytes: argument at %zx, result at %zx", align, (size_t)at[0],
                      (size_t)at[1]);
                CHECK(future_result(two, guard(SOON), NULL) == FUTURE_OK, "the second");
                memcpy(at, future_value(two), sizeof at[0] * 2);
                CHECK(at[1] % align == 0, "%zu bytes: result at %zx", align * many,
                      (size_t)at[1]);
                future_free(one);
                future_free(two);
            }
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int is_aligned(void *argument, void *result)
{
    *(char *)result =
        (char)((uintptr_t)argument % 64 == 0 && (uintptr_t)result % 64 == 0);
    return 0;
}

static void alignment_in_a_map(void *unused)
{
    (void)unused;
    static alignas(64) char inputs[100][64], results[100][64];
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    for (size_t chunk = 1; chunk < 20; chunk++) {
        memset(results, 0, sizeof results);
        CHECK(future_map(pool, is_aligned, inputs, 100, 64, results, 64,
                         &(struct map_options){.chunk = chunk}) == FUTURE_OK,
              "future_map");
        for (int i = 0; i < 100; i++)
            CHECK(results[i][0] == 1, "item %d in chunks of %zu", i, chunk);
    }
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* ---- A map keeps what ended ---- */

enum {
    ITEMS = 40
};

struct item {
    int number;
    struct count *begun, *gate;
};

static int some_wait(void *argument, void *result)
{
    struct item *item = argument;
    *(int *)result = item->number * 3;
    if (item->number % 8 == 5) {
        count_add(item->begun, 1);
        count_reaches(item->gate, 1, 60);
    }
    return 0;
}

/* All with the same gate. */
static void make_items(struct item *items)
{
    struct count *begun = share(sizeof *begun), *gate = share(sizeof *gate);
    for (int i = 0; i < ITEMS; i++)
        items[i] = (struct item){i, begun, gate};
}

/* In each chunk of eight, the sixth item waits, so five items end in time. */
static void map_out_of_time(void *unused)
{
    (void)unused;
    struct item inputs[ITEMS];
    make_items(inputs);
    struct count *begun = inputs[0].begun, *gate = inputs[0].gate;
    int results[ITEMS] = {0};
    enum future_status status[ITEMS] = {FUTURE_OK};
    struct pool *pool = pool_open(ITEMS / 8);
    CHECK(pool != NULL, "pool_open");
    struct map_options options = {
        .chunk = 8, .limited = true, .timeout = guard(0.3), .status = status};
    CHECK(future_map(pool, some_wait, inputs, ITEMS, sizeof inputs[0], results,
                     sizeof results[0], &options) == FUTURE_TIMEOUT,
          "future_map");
    CHECK(count_now(begun) == ITEMS / 8, "%d chunks came so far", count_now(begun));
    for (int i = 0; i < ITEMS; i++) {
        bool ended = i % 8 < 5;
        CHECK(status[i] == (ended ? FUTURE_OK : FUTURE_TIMEOUT), "item %d: %s", i,
              future_status_name(status[i]));
        CHECK(!ended || results[i] == i * 3, "the result of item %d is %d", i,
              results[i]);
    }
    count_set(gate, 1);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static void map_in_a_broken_pool(void *unused)
{
    (void)unused;
    struct item inputs[ITEMS];
    make_items(inputs);
    struct count *begun = inputs[0].begun;
    int results[ITEMS] = {0};
    enum future_status status[ITEMS] = {FUTURE_OK};
    for (int with = 0; with < 2; with++) {
        *begun = (struct count){0};
        struct pool *pool = pool_open(1);
        CHECK(pool != NULL, "pool_open");
        pid_t foreman = pool_foreman(pool), child = fork();
        if (child == 0) {
            count_reaches(begun, 1, SOON);
            kill(foreman, SIGKILL);
            _exit(0);
        }
        struct map_options options = {.chunk = 8, .in_flight = 2};
        options.status = with ? status : NULL;
        CHECK(future_map(pool, some_wait, inputs, ITEMS, sizeof inputs[0], results,
                         sizeof results[0], &options) == FUTURE_BROKEN,
              "with status: %d", with);
        for (int i = 0; i < ITEMS && with; i++)
            CHECK(status[i] == (i < 5 ? FUTURE_OK : FUTURE_BROKEN), "item %d: %s", i,
                  future_status_name(status[i]));
        CHECK(waitpid(child, NULL, 0) == child, "waitpid");
        CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    }
}

/* ---- Whose future is the current one ---- */

static void inner(void *argument)
{
    bool *current = *(bool **)argument;
    *current = future_current() != NULL;
    task_error("of the inner task");
}

static int outer(void *argument, void *result)
{
    (void)result;
    int returned = task_error("of the outer task");
    struct pool *pool = pool_open(1);
    if (pool == NULL || pool_submit(pool, inner, argument, sizeof(bool *)) != 0 ||
        pool_close(pool) != 0)
        return 99;
    return future_current() != NULL ? returned : 98;
}

static void current_in_a_pool_of_a_task(void *unused)
{
    (void)unused;
    bool *current = share(sizeof *current);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct future *future = future_submit(pool, outer, &current, sizeof current, 0);
    CHECK(future_result(future, guard(SOON), NULL) == FUTURE_FAILED, "the outer task");
    CHECK(!*current, "the outer task's future is the inner one's, too");
    CHECK(strcmp(future_error(future), "of the outer task") == 0, "%s",
          future_error(future));
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* ---- Traces ---- */

static char directory[] = "/tmp/trace-XXXXXX";

static void open_and_close(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    if (pool == NULL || pool_close(pool) != 0)
        _exit(9);
}

/* Count the complete traces, and remove all traces. */
static int traces(void)
{
    char command[200], line[100];
    int whole = -1;
    snprintf(command, sizeof command,
             "cd %s && for f in *; do [ \"$(tail -n 1 $f)\" = ']' ] && [ \"$(grep -c "
             "'\"closed\"' $f)\" = 1 ] && echo .; done | wc -l; rm -rf %s",
             directory, directory);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): the name is ours */
    CHECK(pipe != NULL && fgets(line, sizeof line, pipe) != NULL, "popen");
    whole = atoi(line);
    pclose(pipe);
    return whole;
}

static void trace_here(void)
{
    char name[100];
    CHECK(mkdtemp(directory) != NULL, "mkdtemp");
    snprintf(name, sizeof name, "%s/trace", directory);
    setenv("POOL_TRACE", name, 1);
}

static void traces_of_pools_in_tasks(void *unused)
{
    (void)unused;
    trace_here();
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    for (int i = 0; i < 5; i++)
        CHECK(pool_submit(pool, open_and_close, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close");
    open_and_close(NULL);
    int whole = traces();
    CHECK(whole == 7, "%d whole traces of 7 pools", whole);
}

/* The second program is a child, forked before this one has opened a trace. */
static void traces_of_two_programs(void *unused)
{
    (void)unused;
    struct count *opened = share(sizeof *opened), *done = share(sizeof *done);
    trace_here();
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        CHECK(count_reaches(opened, 1, SOON), "the first pool");
        open_and_close(NULL);
        open_and_close(NULL);
        count_set(done, 1);
        _exit(0);
    }
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL && pool_close(pool) == 0, "pool_open");
    count_set(opened, 1); /* its pool is closed now, but it may open another */
    CHECK(count_reaches(done, 1, SOON), "the second program");
    open_and_close(NULL);
    CHECK(waitpid(child, NULL, 0) == child, "waitpid");
    int whole = traces();
    CHECK(whole == 4, "%d whole traces of 4 pools", whole);
}

static volatile sig_atomic_t raised;

static void count_signal(int number)
{
    (void)number;
    raised = raised + 1;
}

static void trace_into_a_closed_fifo(void *unused)
{
    (void)unused;
    char name[100];
    CHECK(mkdtemp(directory) != NULL, "mkdtemp");
    snprintf(name, sizeof name, "%s/fifo", directory);
    CHECK(mkfifo(name, 0600) == 0, "mkfifo");
    setenv("POOL_TRACE", name, 1);
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        open_and_close(NULL); /* no process reads the FIFO */
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "with no reader");
    /* Not open(), which this file replaces: gcc's analyzer takes what both do for two openings. */
    int reader = openat(AT_FDCWD, name, O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0, "open");
    signal(SIGPIPE, count_signal);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    close(reader);
    CHECK(pool_submit(pool, open_and_close, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close: a task was lost");
    CHECK(raised == 0, "the program was sent SIGPIPE");
    unlink(name);
    traces();
}

static void nothing(void *unused)
{
    (void)unused;
}

/* A limit for files that ends in the middle of a line of the trace: the program's, and a worker's. */
static void trace_beyond_a_limit(void *unused)
{
    (void)unused;
    static const struct rlimit most = {1000, RLIM_INFINITY};
    trace_here();
    signal(SIGXFSZ, count_signal);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    CHECK(setrlimit(RLIMIT_FSIZE, &most) == 0, "setrlimit");
    CHECK(prlimit(pool_worker(pool, 0), RLIMIT_FSIZE, &most, NULL) == 0, "prlimit");
    for (int i = 0; i < 20; i++)
        CHECK(pool_submit(pool, nothing, NULL, 0) == 0, "pool_submit");
    CHECK(pool_close(pool) == 0, "pool_close: a task was lost");
    signal(SIGXFSZ, SIG_DFL);
    open_and_close(NULL);
    CHECK(raised == 0, "the program was sent SIGXFSZ");
    CHECK(traces() == 1, "the second trace is whole");
}

/* ---- Memory ---- */

static long status_kib(const char *field)
{
    char line[200], format[50];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    CHECK(file != NULL, "/proc/self/status");
    snprintf(format, sizeof format, "%s: %%ld", field);
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, format, &kib) == 1)
            break;
    fclose(file);
    return kib;
}

static void locked_memory(void *unused)
{
    (void)unused;
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        puts("skipped: mlockall is refused");
        return;
    }
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    CHECK(status_kib("RssShmem") < 4096, "%ld KiB of an empty pool are resident",
          status_kib("RssShmem"));
    open_and_close(NULL);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A pool that runs few tasks has no memory allocated ahead. */
static void small_pools_stay_small(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(4);
    CHECK(pool != NULL, "pool_open");
    for (int i = 0; i < 10; i++)
        CHECK(pool_submit(pool, inner, &(bool *){&(bool){false}}, sizeof(bool *)) == 0,
              "pool_submit");
    CHECK(status_kib("RssShmem") < 128, "%ld KiB", status_kib("RssShmem"));
    CHECK(pool_abort(pool) >= 0, "pool_abort");
}

static void fill_margin(void *argument)
{
    size_t size;
    char *margin = task_margin(task_of(argument), &size);
    memset(margin, 1, size);
    memset(argument, 1, size / 2);
}

/* A free large block keeps one page of memory, and its margin none. */
static void margins_come_back(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct task *task[4];
    long before = status_kib("RssShmem");
    for (int i = 0; i < 4; i++) {
        task[i] = task_new(pool, fill_margin, 6 << 20);
        CHECK(task[i] != NULL && task_publish(task[i]) == 0, "task_new");
        CHECK(task_wait(task[i], guard(SOON)) == 0, "task_wait");
        size_t size;
        char *margin = task_margin(task[i], &size);
        for (size_t at = 0; at < size; at += 4096)
            CHECK(margin[at] == 1, "byte %zu of the margin", at);
    }
    CHECK(status_kib("RssShmem") - before > 32768, "nothing was tested");
    for (int i = 0; i < 4; i++)
        CHECK(task_free(task[i]) == 0, "task_free");
    long kept = status_kib("RssShmem") - before;
    CHECK(kept < 500, "four free tasks keep %ld KiB", kept);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int limit_address_space(void *unused)
{
    (void)unused;
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
    limit.rlim_cur = 300 << 20;
    return setrlimit(RLIMIT_AS, &limit);
}

/* The result's bit 0: malloc() gives 20 MiB; bit 1: it does not give 1 GiB. */
static int allocate(void *argument, void *result)
{
    (void)argument;
    /* volatile: a compiler may leave out memory that is not used */
    void *(*volatile get)(size_t) = malloc;
    void *little = get(20 << 20), *much = get((size_t)1 << 30);
    *(int *)result = (little != NULL ? 1 : 0) | (much == NULL ? 2 : 0);
    free(little);
    free(much);
    return 0;
}

static void limit_by_an_initializer(void *unused)
{
    (void)unused;
    if (getenv("NO_LIMITS") != NULL)
        return;
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = 1, .initializer = limit_address_space});
    CHECK(pool != NULL, "pool_open_with");
    struct future *future = future_submit(pool, allocate, NULL, 0, sizeof(int));
    int got = 0;
    CHECK(future_result(future, guard(SOON), &got) == FUTURE_OK, "the task is lost");
    CHECK((got & 1) != 0, "20 MiB are refused, with a limit of 300");
    CHECK((got & 2) != 0, "1 GiB is not refused");
    CHECK(pool_close(pool) == 0, "pool_close");
}

static size_t pretended_page;

/* Takes the place of the C library's function, and pretends larger pages. */
long sysconf(int name)
{
    static long (*real)(int);
    if (name == _SC_PAGESIZE && pretended_page != 0)
        return (long)pretended_page;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "sysconf");
    return real != NULL ? real(name) : -1;
}

/* If not 0: pretend a system that does not overcommit, and grants no more than so many bytes. */
static size_t promised;

#define COMMITTED ((size_t)3 << 30)

/* Takes the place of the C library's function, for the files that tell how much is granted. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's are reserved */
int open(const char *name, int flags, ...)
{
    char text[200] = "";
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (promised != 0 && strcmp(name, "/proc/sys/vm/overcommit_memory") == 0)
        snprintf(text, sizeof text, "2\n");
    if (promised != 0 && strcmp(name, "/proc/meminfo") == 0)
        snprintf(text, sizeof text,
                 "MemTotal: 8000000 kB\nCommitLimit: %8zu kB\nCommitted_AS: %8zu kB\n",
                 (COMMITTED + promised) / 1024, COMMITTED / 1024);
    if (*text == '\0')
        return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
    int file = memfd_create("pretended", MFD_CLOEXEC);
    CHECK(pwrite(file, text, strlen(text), 0) == (ssize_t)strlen(text), "pwrite");
    return file;
}

#ifdef SYS_mmap
static bool refuses(size_t size)
{
    errno = ENOMEM;
    return promised != 0 && size > promised;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's are reserved */
void *mmap(void *at, size_t size, int access, int flags, int file, off_t offset)
{
    if (refuses(size))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, size, access, flags, file, offset);
}
#endif

/* On a system that does not overcommit, reserved memory is lost to all other programs. So a pool
 * reserves at most a quarter of what is left. */
static void no_overcommit(void *unused)
{
    (void)unused;
    static const size_t left[] = {(size_t)1 << 30, (size_t)64 << 20};
    if (getenv("NO_LIMITS") != NULL)
        return;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        promised = left[i];
        struct pool *pool = pool_open(2);
        CHECK(pool != NULL, "with %zu bytes left", left[i]);
        CHECK(2 * pool->arena.size <= left[i] / 4 && 2 * pool->arena.size > left[i] / 8,
              "%zu bytes of %zu are taken", 2 * pool->arena.size, left[i]);
        CHECK(pool_submit(pool, inner, &(bool *){&(bool){false}}, sizeof(bool *)) == 0,
              "pool_submit");
        CHECK(pool_close(pool) == 0, "pool_close");
        promised = 0;
    }
}

static size_t refused, whole;

/* Acts as a kernel with such pages does. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's are reserved */
int madvise(void *at, size_t size, int advice)
{
    if (pretended_page != 0 && advice == MADV_REMOVE) {
        if ((uintptr_t)at % pretended_page != 0)
            refused++;
        whole++;
        size = (size + pretended_page - 1) & ~(pretended_page - 1);
    }
    return (int)syscall(SYS_madvise, at, size, advice);
}

static void larger_pages(void *unused)
{
    (void)unused;
    enum {
        TASKS = 60
    };
    for (pretended_page = 16384; pretended_page <= 65536; pretended_page *= 2) {
        struct pool *pool = pool_open(1);
        struct task *task[TASKS];
        CHECK(pool != NULL, "pool_open");
        refused = whole = 0;
        for (int i = 0; i < TASKS; i++) {
            size_t size = i % 3 == 0 ? 4000 : i % 3 == 1 ? 130000 : 300000;
            task[i] = task_new(pool, fill_margin, size);
            CHECK(task[i] != NULL, "task_new");
            size_t margin;
            if (i % 2 == 0)
                memset(task_margin(task[i], &margin), 'm', 4000);
            memset(task_argument(task[i]), 'x', size);
        }
        for (int i = 0; i < TASKS; i++)
            if (i % 3 == 1)
                CHECK(task_free(task[i]) == 0, "task_free");
        for (int i = 0; i < TASKS; i++) {
            if (i % 3 == 1)
                continue;
            const char *argument = task_argument(task[i]);
            size_t margin;
            CHECK(task_pool(task[i]) == pool, "the head of task %d is gone", i);
            for (size_t at = 0; at < (i % 3 == 0 ? 4000u : 300000u); at++)
                CHECK(argument[at] == 'x', "byte %zu of task %d is gone", at, i);
            CHECK(i % 2 != 0 || task_margin(task[i], &margin)[3999] == 'm',
                  "the margin of task %d is gone", i);
        }
        CHECK(refused == 0 && whole > 0, "%zu of %zu discards are refused", refused,
              whole);
        CHECK(pool_abort(pool) >= 0, "pool_abort");
    }
}

static const struct stress_case cases[] = {
    {"traces_of_pools_in_tasks", traces_of_pools_in_tasks},
    {"traces_of_two_programs", traces_of_two_programs},
    {"trace_into_a_closed_fifo", trace_into_a_closed_fifo},
    {"trace_beyond_a_limit", trace_beyond_a_limit},
    {"locked_memory", locked_memory},
    {"small_pools_stay_small", small_pools_stay_small},
    {"margins_come_back", margins_come_back},
    {"limit_by_an_initializer", limit_by_an_initializer},
    {"larger_pages", larger_pages},
    {"no_overcommit", no_overcommit},
    {"alignment", alignment},
    {"alignment_in_a_map", alignment_in_a_map},
    {"map_out_of_time", map_out_of_time},
    {"map_in_a_broken_pool", map_in_a_broken_pool},
    {"current_in_a_pool_of_a_task", current_in_a_pool_of_a_task},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
