/*
 * borders.c: nothing of the program's happens in a worker, and no process of a pool outlives
 * its reason. One case for each thing that fork() copies or shares and that could cross the
 * border; the table in 03_pool/inside/FORK.md names them.
 *
 *     build/tests/stress/borders           all of them
 *     build/tests/stress/borders NAME...   those
 */
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <unwind.h>
#endif

#include "future.h"
#include "shared.h"
#include "stress.h"

static void nothing(void *argument)
{
    (void)argument;
}

/* A child that the C library does not see being made. */
static pid_t raw_fork(void)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
}

static void await_success(pid_t child)
{
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d",
          status);
}

/* ---- Whose pool it is ---- */

static void child_made_by_clone_of_the_program(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    struct task *task = task_new(pool, nothing, 0);
    CHECK(task_publish(task) == 0 && task_wait(task, guard(10)) == 0);
    pid_t child = raw_fork();
    if (child == 0) {
        CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) != 0, EPERM);
        CHECK_FAILS(task_new(pool, nothing, 0) == NULL, EPERM);
        CHECK_FAILS(task_free(task) != 0, EPERM);
        CHECK_FAILS(pool_abort(pool) == -1, EPERM);
        CHECK(pool_broken(pool) == NULL, "the child says: %s", pool_broken(pool));
        /* Its own pool is another matter. */
        struct pool *own = pool_open(1);
        CHECK(own != NULL && pool_submit(own, nothing, NULL, 0) == 0 &&
              pool_close(own) == 0);
        CHECK_FAILS(pool_submit(pool, nothing, NULL, 0) != 0, EPERM);
        CHECK_FAILS(pool_submit(own, nothing, NULL, 0) != 0, EINVAL);
        _exit(0);
    }
    await_success(child);
    CHECK(pool_broken(pool) == NULL, "the child broke the pool: %s", pool_broken(pool));
    CHECK(pool_submit(pool, nothing, NULL, 0) == 0 && pool_close(pool) == 0);
}

static int forks_by_clone(void *argument, void *result)
{
    struct count *returned = *(struct count **)argument;
    if (raw_fork() == 0) {
        *(int *)result = 1; /* and returns first */
        count_add(returned, 1);
        return 0;
    }
    count_reaches(returned, 1, 10);
    wait(NULL); /* until the child has ended: it is no worker */
    *(int *)result = 2;
    return 0;
}

static void child_made_by_clone_returns_from_a_task(void *unused)
{
    (void)unused;
    struct count *returned = share(sizeof *returned);
    struct pool *pool = pool_open(1);
    int result = 0;
    struct future *future =
        future_submit(pool, forks_by_clone, &returned, sizeof returned, sizeof result);
    enum future_status status = future_result(future, guard(10), &result);
    CHECK(status == FUTURE_OK && result == 2, "%s, the result is %d",
          future_status_name(status), result);
    CHECK(pool_close(pool) == 0);
}

/* ---- Streams and their locks ---- */

/* A thread that holds a stream's lock until the test ends: it reads, and nothing comes. */
struct reader {
    FILE *stream;
    int other_end;
    pthread_t thread;
};

static void *read_a_line(void *argument)
{
    struct reader *reader = argument;
    char line[80];
    flockfile(reader->stream); /* what fgets() does, but here it is certain when */
    char *read = fgets(line, sizeof line, reader->stream);
    funlockfile(reader->stream);
    return read;
}

static bool is_held(FILE *stream)
{
    if (ftrylockfile(stream) != 0)
        return true;
    funlockfile(stream);
    return false;
}

static void start_reader(struct reader *reader)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    reader->stream = fdopen(ends[0], "r");
    reader->other_end = ends[1];
    CHECK(pthread_create(&reader->thread, NULL, read_a_line, reader) == 0);
    while (!is_held(reader->stream))
        sleep_for(0.001);
}

static void end_reader(struct reader *reader)
{
    CHECK(write(reader->other_end, "\n", 1) == 1 &&
          pthread_join(reader->thread, NULL) == 0);
}

static void open_while_a_thread_reads(void *unused)
{
    (void)unused;
    struct reader reader;
    start_reader(&reader);
    watchdog(5, NULL);
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL && pool_submit(pool, nothing, NULL, 0) == 0 &&
          pool_close(pool) == 0);
    watchdog(0, NULL);
    end_reader(&reader);
}

static void leave_a_reader(void *unused)
{
    (void)unused;
    static struct reader reader;
    printf("printed by a task\n");
    start_reader(&reader);
}

/* stdout goes to a file while body() runs; what is in it then, up to `size` bytes. */
static void capture(void (*body)(void), char *text, size_t size)
{
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    FILE *file = tmpfile();
    CHECK(before >= 0 && file != NULL && dup2(fileno(file), STDOUT_FILENO) >= 0);
    body();
    fflush(stdout);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    CHECK(length >= 0 && dup2(before, STDOUT_FILENO) >= 0);
    text[length] = '\0';
    close(before);
    fclose(file);
}

static void close_with_a_reader_left(void)
{
    struct pool *pool = pool_open(1);
    CHECK(pool_submit(pool, leave_a_reader, NULL, 0) == 0);
    watchdog(5, pool);
    CHECK(pool_close(pool) == 0);
    watchdog(0, NULL);
}

static void task_leaves_a_thread_that_reads(void *unused)
{
    (void)unused;
    char text[80];
    capture(close_with_a_reader_left, text, sizeof text);
    CHECK(strcmp(text, "printed by a task\n") == 0, "stdout has: %s", text);
}

static struct count *lines, *stop;

static void *print_lines(void *unused)
{
    (void)unused;
    for (int i = 0; count_now(stop) == 0; i++) {
        printf("%d\n", i);
        count_set(lines, i + 1);
    }
    return NULL;
}

static void open_while_a_thread_prints(void)
{
    pthread_t thread;
    lines = share(sizeof *lines), stop = share(sizeof *stop);
    CHECK(pthread_create(&thread, NULL, print_lines, NULL) == 0);
    for (int i = 1; i <= 20; i++) {
        CHECK(count_reaches(lines, count_now(lines) + 10, 10));
        CHECK(pool_close(pool_open(2)) == 0);
    }
    count_set(stop, 1);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void other_thread_s_text_comes_once(void *unused)
{
    (void)unused;
    size_t size = (size_t)64 << 20;
    char *text = malloc(size), *at = text;
    CHECK(text != NULL);
    capture(open_while_a_thread_prints, text, size);
    for (long expected = 0; *at != '\0'; expected++, at++) {
        long line = strtol(at, &at, 10);
        CHECK(line == expected && *at == '\n', "line %ld where %ld should be", line,
              expected);
    }
    free(text);
}

/* ---- A task's end is not the program's ---- */

static struct count *exit_functions;

static void exit_function(void)
{
    count_add(exit_functions, 1);
}

enum way {
    EXIT,
    QUICK_EXIT,
    PTHREAD_EXIT,
    CHILD_EXIT,
    RETURN
};

static void end_it(enum way way, int status)
{
    switch (way) {
    case EXIT:
        exit(status);
    case QUICK_EXIT:
        quick_exit(status);
    case PTHREAD_EXIT:
        pthread_exit(NULL);
    case CHILD_EXIT:
        fflush(stdout);
        if (fork() == 0)
            exit(status);
        wait(NULL);
        break;
    case RETURN:
        break;
    }
}

static FILE *book; /* the program has read some of it */

static int print_and_end(void *argument, void *result)
{
    (void)result;
    printf("task %d\n", *(int *)argument);
    end_it(*(enum way *)argument, 3);
    return 0;
}

static enum future_status ends[RETURN + 1];
static int statuses[RETURN + 1];

static void tasks_that_end_in_many_ways(void)
{
    for (enum way way = EXIT; way <= RETURN; way++) {
        struct pool *pool = pool_open(1);
        struct future *future = future_submit(pool, print_and_end, &way, sizeof way, 0);
        ends[way] = future_result(future, guard(10), NULL);
        statuses[way] = future_worker_status(future);
        CHECK(pool_close(pool) == 0);
    }
}

static void exit_in_a_task_ends_the_worker_alone(void *unused)
{
    (void)unused;
    char text[200], line[80];
    exit_functions = share(sizeof *exit_functions);
    CHECK(atexit(exit_function) == 0 && at_quick_exit(exit_function) == 0);
    book = tmpfile();
    for (int i = 0; i < 5000; i++)
        fprintf(book, "%d\n", i);
    rewind(book);
    CHECK(fgets(line, sizeof line, book) != NULL);
    off_t place = lseek(fileno(book), 0, SEEK_CUR);
    capture(tasks_that_end_in_many_ways, text, sizeof text);
    CHECK(strcmp(text, "task 0\ntask 1\ntask 2\ntask 3\ntask 4\n") == 0, "%s", text);
    CHECK(count_now(exit_functions) == 0, "%d exit functions ran",
          count_now(exit_functions));
    CHECK(lseek(fileno(book), 0, SEEK_CUR) == place, "the place in the file moved");
#ifdef __GLIBC__
    const int status = 3;
#else
    const int status = 0; /* musl tells no function the status */
#endif
    for (enum way way = EXIT; way <= QUICK_EXIT; way++)
        CHECK(ends[way] == FUTURE_LOST && WIFEXITED(statuses[way]) &&
                  WEXITSTATUS(statuses[way]) == status,
              "%d: %s, %x", way, future_status_name(ends[way]), (unsigned)statuses[way]);
    CHECK(ends[PTHREAD_EXIT] == FUTURE_LOST && statuses[PTHREAD_EXIT] == 0, "%s, %x",
          future_status_name(ends[PTHREAD_EXIT]), (unsigned)statuses[PTHREAD_EXIT]);
    CHECK(ends[CHILD_EXIT] == FUTURE_OK && ends[RETURN] == FUTURE_OK);
}

static int exit_early(void *unused)
{
    (void)unused;
    exit(0);
}

static void exit_in_an_initializer(void *unused)
{
    (void)unused;
    exit_functions = share(sizeof *exit_functions);
    CHECK(atexit(exit_function) == 0);
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .initializer = exit_early});
    CHECK(pool != NULL && pool_submit(pool, nothing, NULL, 0) == 0);
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    CHECK(count_now(exit_functions) == 0, "%d exit functions ran",
          count_now(exit_functions));
}

/* ---- The stack ---- */

#ifdef __GLIBC__ /* gcc's unwinder is linked against that */
static char *program_frame;

static _Unwind_Reason_Code meet_frame(struct _Unwind_Context *context, void *met)
{
    char *frame = (char *)_Unwind_GetCFA(context); /* NOLINT(performance-no-int-to-ptr) */
    *(bool *)met |= frame >= program_frame && frame - program_frame < 4096;
    return _URC_NO_REASON;
}

static int unwind(void *unused, void *met)
{
    (void)unused;
    *(bool *)met = false;
    _Unwind_Backtrace(meet_frame, met);
    return 0;
}

static void unwinding_does_not_reach_the_program(void *unused)
{
    (void)unused;
    bool met = false;
    program_frame = __builtin_frame_address(0);
    unwind(NULL, &met);
    CHECK(met, "the unwinder does not find this function, so the test shows nothing");
    struct pool *pool = pool_open(1);
    CHECK(future_result(future_submit(pool, unwind, NULL, 0, sizeof met), guard(10),
                        &met) == FUTURE_OK &&
              !met,
          "the unwinder comes from a task to this function");
    CHECK(pool_close(pool) == 0);
}

#endif

static int use_stack(void *argument, void *unused)
{
    (void)unused;
    size_t size = *(size_t *)argument;
    volatile char *memory = alloca(size);
    for (size_t at = size; at >= 1024; at -= 1024) /* downwards, as a stack grows */
        memory[at - 1024] = 1;
    return 0;
}

static void *use_much_stack(void *unused)
{
    size_t size = (size_t)7 << 20;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    enum future_status status = future_result(
        future_submit(pool, use_stack, &size, sizeof size, 0), guard(10), NULL);
    CHECK(status == FUTURE_OK, "7 MiB of stack: %s", future_status_name(status));
    size = (size_t)2 << 30; /* more than any has */
    status = future_result(future_submit(pool, use_stack, &size, sizeof size, 0),
                           guard(10), NULL);
    CHECK(status == FUTURE_LOST, "2 GiB of stack: %s", future_status_name(status));
    CHECK(pool_close(pool) == 0);
    return unused;
}

static void stack_of_a_worker_is_not_the_thread_s(void *unused)
{
    (void)unused;
    pthread_t thread;
    pthread_attr_t small;
    CHECK(pthread_attr_init(&small) == 0 &&
          pthread_attr_setstacksize(&small, 65536) == 0);
    CHECK(pthread_create(&thread, &small, use_much_stack, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static const struct stress_case cases[] = {
    {"child_made_by_clone_of_the_program", child_made_by_clone_of_the_program},
    {"child_made_by_clone_returns_from_a_task", child_made_by_clone_returns_from_a_task},
    {"open_while_a_thread_reads", open_while_a_thread_reads},
    {"task_leaves_a_thread_that_reads", task_leaves_a_thread_that_reads},
    {"other_thread_s_text_comes_once", other_thread_s_text_comes_once},
    {"exit_in_a_task_ends_the_worker_alone", exit_in_a_task_ends_the_worker_alone},
    {"exit_in_an_initializer", exit_in_an_initializer},
#ifdef __GLIBC__
    {"unwinding_does_not_reach_the_program", unwinding_does_not_reach_the_program},
#endif
    {"stack_of_a_worker_is_not_the_thread_s", stack_of_a_worker_is_not_the_thread_s},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof cases[0], argc, argv);
}
