/*
 * memory.c: alignment, page sizes, margins, locked memory and limits; what a map keeps when it ends
 * early; to which process the current future belongs.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
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
#include "program.h"
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

/* In each chunk of eight, the sixth item waits, so five items end in time. Returns whether all
 * chunks were begun by then, a worker for each. */
static bool map_within(double timeout)
{
    struct item inputs[ITEMS];
    make_items(inputs);
    struct count *begun = inputs[0].begun, *gate = inputs[0].gate;
    int results[ITEMS] = {0};
    enum future_status status[ITEMS] = {FUTURE_OK};
    struct pool *pool = pool_open(ITEMS / 8);
    CHECK(pool != NULL, "pool_open");
    struct map_options options = {
        .chunk = 8, .limited = true, .timeout = timeout, .status = status};
    CHECK(future_map(pool, some_wait, inputs, ITEMS, sizeof inputs[0], results,
                     sizeof results[0], &options) == FUTURE_TIMEOUT,
          "future_map");
    bool all = count_now(begun) == ITEMS / 8;
    for (int i = 0; i < ITEMS; i++) /* the last may have come after the time */
        all = all && (i % 8 >= 5 || status[i] != FUTURE_TIMEOUT);
    for (int i = 0; all && i < ITEMS; i++) {
        bool ended = i % 8 < 5;
        CHECK(status[i] == (ended ? FUTURE_OK : FUTURE_TIMEOUT), "item %d: %s", i,
              future_status_name(status[i]));
        CHECK(!ended || results[i] == i * 3, "the result of item %d is %d", i,
              results[i]);
    }
    count_set(gate, 1);
    CHECK(pool_close(pool) == 0, "pool_close");
    return all;
}

static void map_out_of_time(void *unused)
{
    (void)unused;
    double timeout = 0.3;
    while (!map_within(timeout)) {
        CHECK(timeout < guard(4), "not all chunks were begun in %.1f s", timeout);
        timeout *= 4;
    }
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

/* Item 0 ends when the pool is being closed, item 1 much later. Item 2 fails at once. */
struct closing_map {
    struct pool *pool;
    struct count *begun, *gate;
};

static int end_in_turn(void *argument, void *result)
{
    struct item *item = argument;
    (void)result;
    count_add(item->begun, 1);
    if (item->number == 2)
        return 1;
    CHECK(count_reaches(item->gate, item->number + 1, 60), "the gate was never opened");
    return 0;
}

static void *close_the_pool(void *argument)
{
    struct closing_map *closing = argument;
    CHECK(count_reaches(closing->begun, 3, SOON), "three items");
    CHECK(pool_close(closing->pool) == 0, "pool_close");
    return NULL;
}

static void *open_when_it_closes(void *argument)
{
    struct closing_map *closing = argument;
    while (!closing->pool->own.closing)
        sleep_for(0.001);
    count_set(closing->gate, 1);
    return NULL;
}

static void map_in_a_closing_pool(void *unused)
{
    (void)unused;
    struct item inputs[ITEMS];
    make_items(inputs);
    enum future_status status[ITEMS];
    pthread_t thread[2];
    struct pool *pool = pool_open(3);
    struct closing_map closing = {pool, inputs[0].begun, inputs[0].gate};
    CHECK(pool != NULL, "pool_open");
    CHECK(pthread_create(&thread[0], NULL, close_the_pool, &closing) == 0);
    CHECK(pthread_create(&thread[1], NULL, open_when_it_closes, &closing) == 0);
    struct map_options options = {.chunk = 1, .in_flight = 3, .status = status};
    enum future_status first =
        future_map(pool, end_in_turn, inputs, ITEMS, sizeof inputs[0], NULL, 0, &options);
    CHECK(status[0] == FUTURE_OK && status[1] == FUTURE_BROKEN, "items 0 and 1: %s, %s",
          future_status_name(status[0]), future_status_name(status[1]));
    CHECK(first == FUTURE_BROKEN, "the first that is not OK: %s",
          future_status_name(first));
    count_set(closing.gate, 2);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
}

static atomic_bool full_enough;

static void a_moment(void *unused)
{
    (void)unused;
    sleep_for(0.0003);
}

static void *fill_queue(void *pool)
{
    while (!full_enough)
        CHECK(pool_submit_within(pool, guard(SOON), a_moment, NULL, 0) == 0);
    return NULL;
}

static int do_nothing(void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

/* Other threads fill the queue again and again. A map that has begun waits for room. */
static void map_beside_a_full_queue(void *unused)
{
    (void)unused;
    enum {
        COUNT = 300
    };
    pthread_t thread[2];
    enum future_status status[COUNT], first;
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 2, .waiting = 8});
    CHECK(pool != NULL, "pool_open_with");
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&thread[i], NULL, fill_queue, pool) == 0);
    struct map_options options = {.chunk = 1, .status = status};
    do /* it may be full at the beginning, which is an error */
        first = future_map(pool, do_nothing, NULL, COUNT, 0, NULL, 0, &options);
    while (first == FUTURE_MISUSE && errno == EAGAIN && status[0] == FUTURE_TIMEOUT);
    CHECK(first == FUTURE_OK, "%s", future_status_name(first));
    full_enough = true;
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(pool_close(pool) == 0, "pool_close");
}

struct kib {
    int number;
    char rest[1020];
};

static int crash_at_30(void *argument, void *result)
{
    struct kib *item = argument;
    (void)result;
    if (item->number == 30)
        _exit(1);
    return 0;
}

/* The chunks in flight take all memory that there is. The last one is smaller, and so is what a
 * crash leaves of one: they are put where a whole one was. */
static void map_where_memory_is_scarce(void *unused)
{
    (void)unused;
    enum {
        COUNT = 5000 + 17
    };
    static struct kib items[COUNT];
    static enum future_status status[COUNT];
    for (int i = 0; i < COUNT; i++)
        items[i].number = i;
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 2, .memory = 2 << 20});
    CHECK(pool != NULL, "pool_open_with");
    struct map_options options = {.chunk = 60, .in_flight = 64, .status = status};
    CHECK(future_map(pool, crash_at_30, items, COUNT, sizeof items[0], NULL, 0,
                     &options) == FUTURE_LOST,
          "future_map");
    for (int i = 0; i < COUNT; i++)
        CHECK(status[i] == (i == 30 ? FUTURE_LOST : FUTURE_OK), "item %d: %s", i,
              future_status_name(status[i]));
    CHECK(pool_close(pool) == 0, "pool_close");
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

static void nothing(void *unused)
{
    (void)unused;
}

/* False: this user may not lock so much. */
static bool lock_all(void)
{
    static const size_t much = (size_t)1 << 30;
    void *memory = MAP_FAILED;
    if (mlockall(MCL_FUTURE) == 0)
        memory = mmap(NULL, much, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED && munmap(memory, much) == 0 &&
        mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        return true;
    munlockall();
    puts("skipped: mlockall is refused");
    return false;
}

static void locked_memory(void *unused)
{
    (void)unused;
    if (!lock_all())
        return;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    CHECK(status_kib("RssShmem") < 4096, "%ld KiB of an empty pool are resident",
          status_kib("RssShmem"));
    struct pool *other = pool_open(1);
    CHECK(other != NULL && pool_close(other) == 0, "another pool");
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* What mlockall() has locked goes back all the same. */
static void locked_memory_comes_back(void *unused)
{
    (void)unused;
    if (!lock_all())
        return;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    long before = status_kib("RssShmem");
    struct task *task = task_new(pool, nothing, 16 << 20);
    CHECK(task != NULL, "task_new");
    memset(task_argument(task), 1, 16 << 20);
    CHECK(status_kib("RssShmem") - before > 16000, "nothing was tested");
    CHECK(task_free(task) == 0, "task_free");
    long kept = status_kib("RssShmem") - before;
    CHECK(kept < 500, "a free task keeps %ld KiB", kept);
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

static int limit_to_one_mib(void *unused)
{
    (void)unused;
    return pool_worker_limit_memory(1 << 20);
}

static int count_mib(void *argument, void *result)
{
    (void)argument;
    int *got = result;
    for (*got = 0; *got < 6; ++*got)
        if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0) == MAP_FAILED)
            break;
    return 0;
}

__attribute__((noinline)) static void use_stack(void)
{
    volatile char deep[2 << 20];
    for (size_t at = sizeof deep; at > 0; at -= 1024)
        deep[at - 1] = 1;
}

/* The stack that the program has used is not memory that the worker may allocate. */
static void limit_beside_a_deep_stack(void *unused)
{
    (void)unused;
    if (getenv("NO_LIMITS") != NULL)
        return;
    use_stack();
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = 1, .initializer = limit_to_one_mib});
    CHECK(pool != NULL, "pool_open_with");
    int got = -1;
    struct future *future = future_submit(pool, count_mib, NULL, 0, sizeof got);
    CHECK(future_result(future, guard(SOON), &got) == FUTURE_OK, "the task is lost");
    CHECK(got <= 1, "%d MiB of 1", got);
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
    {"locked_memory", locked_memory},
    {"locked_memory_comes_back", locked_memory_comes_back},
    {"small_pools_stay_small", small_pools_stay_small},
    {"margins_come_back", margins_come_back},
    {"limit_by_an_initializer", limit_by_an_initializer},
    {"limit_beside_a_deep_stack", limit_beside_a_deep_stack},
    {"larger_pages", larger_pages},
    {"no_overcommit", no_overcommit},
    {"alignment", alignment},
    {"alignment_in_a_map", alignment_in_a_map},
    {"map_out_of_time", map_out_of_time},
    {"map_in_a_broken_pool", map_in_a_broken_pool},
    {"map_in_a_closing_pool", map_in_a_closing_pool},
    {"map_beside_a_full_queue", map_beside_a_full_queue},
    {"map_where_memory_is_scarce", map_where_memory_is_scarce},
    {"current_in_a_pool_of_a_task", current_in_a_pool_of_a_task},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
