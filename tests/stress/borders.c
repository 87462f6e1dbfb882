/*
 * borders.c: what belongs to the program does not act in a worker, and no process of a pool
 * outlives the process it depends on. There is one case for each thing that fork() copies or
 * shares; the table in 03_pool/inside/FORK.md names them.
 *
 *     build/tests/stress/borders           all of them
 *     build/tests/stress/borders NAME...   those
 */
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <unwind.h>
#endif

#include "future.h"
#include "program.h"
#include "queue.h"
#include "shared.h"
#include "stress.h"
#include "wake.h"

static void nothing(void *argument)
{
    (void)argument;
}

/* Fork without the C library's knowledge: its fork handlers do not run. */
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
        /* The child may open a pool of its own. */
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
    wait(NULL); /* the child must end here: it is not a worker */
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

/* A thread that holds a stream's lock until the test ends: it reads, and no data comes. */
struct reader {
    FILE *stream;
    int other_end;
    pthread_t thread;
};

static void *read_a_line(void *argument)
{
    struct reader *reader = argument;
    char line[80];
    flockfile(reader->stream); /* as fgets() does, but at a known time */
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

/* Run body() with stdout going to a file, and copy up to `size` bytes of that file to text. */
static void capture(void (*body)(void), char *text, size_t size)
{
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    FILE *file = tmpfile();
    CHECK(before >= 0 && file != NULL && put_at(STDOUT_FILENO, fileno(file)) >= 0);
    body();
    fflush(stdout);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    CHECK(length >= 0 && put_at(STDOUT_FILENO, before) >= 0);
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
        if (i % 1000 == 999)
            sleep_for(0.001); /* else it fills any buffer on a slow machine */
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

static struct count *written, *pool_is_closed;

static void *write_and_keep_the_lock(void *unused)
{
    flockfile(stdout);
    for (const char *at = "once\n"; *at != '\0'; at++)
        putchar_unlocked(*at);
    count_set(written, 1);
    count_reaches(pool_is_closed, 1, 10);
    funlockfile(stdout);
    return unused;
}

static void open_while_a_thread_has_the_lock(void)
{
    pthread_t thread;
    written = share(sizeof *written), pool_is_closed = share(sizeof *pool_is_closed);
    CHECK(pthread_create(&thread, NULL, write_and_keep_the_lock, NULL) == 0);
    CHECK(count_reaches(written, 1, 10));
    CHECK(pool_close(pool_open(2)) == 0);
    count_set(pool_is_closed, 1);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void text_of_a_locked_stream_comes_once(void *unused)
{
    (void)unused;
    char text[100];
    capture(open_while_a_thread_has_the_lock, text, sizeof text);
    CHECK(strcmp(text, "once\n") == 0, "written: \"%s\"", text);
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

static FILE *book; /* a file of which the program has read a part */

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

/* musl passes the status to no function of ours. */
static int status_of_exit(int status)
{
#ifndef __GLIBC__
    status = 0;
#endif
    return status;
}

static void exit_in_a_task_ends_the_worker_alone(void *unused)
{
    (void)unused;
    char text[200], line[80];
    exit_functions = share(sizeof *exit_functions);
    CHECK(atexit(exit_function) == 0 && at_quick_exit(exit_function) == 0);
    book = tmpfile();
    CHECK(book != NULL);
    for (int i = 0; i < 5000; i++)
        fprintf(book, "%d\n", i);
    CHECK(fseek(book, 0, SEEK_SET) == 0 && fgets(line, sizeof line, book) != NULL);
    off_t place = lseek(fileno(book), 0, SEEK_CUR);
    capture(tasks_that_end_in_many_ways, text, sizeof text);
    CHECK(strcmp(text, "task 0\ntask 1\ntask 2\ntask 3\ntask 4\n") == 0, "%s", text);
    CHECK(count_now(exit_functions) == 0, "%d exit functions ran",
          count_now(exit_functions));
    CHECK(lseek(fileno(book), 0, SEEK_CUR) == place, "the place in the file moved");
    const int status = status_of_exit(3);
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
    CHECK(pool != NULL);
    CHECK(pool_submit(pool, nothing, NULL, 0) == 0 || errno == EOWNERDEAD);
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    CHECK(count_now(exit_functions) == 0, "%d exit functions ran",
          count_now(exit_functions));
}

/* ---- The stack ---- */

#ifdef __GLIBC__ /* gcc's unwinder is linked with glibc */
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

static jmp_buf program_s_place;

static int jump_to_the_program(void *unused, void *unused_result)
{
    (void)unused, (void)unused_result;
    unsetenv("BORDERS"); /* must not crash: the environment is on the same stack */
    longjmp(program_s_place, 1);
}

/* Not inlined: after the jump, code may run up to its first call, which crashes. */
__attribute__((noinline)) static void note_that_it_came_here(struct count *reached)
{
    count_add(reached, 1);
    __asm__ volatile(""); /* else the compiler may jump to count_add() instead */
}

static void longjmp_does_not_reach_the_program(void *unused)
{
    (void)unused;
    struct count *reached = share(sizeof *reached);
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    if (setjmp(program_s_place) != 0) {
        note_that_it_came_here(reached);
        _exit(0);
    }
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .read_only_frames = 1});
    struct future *future = future_submit(pool, jump_to_the_program, NULL, 0, 0);
    CHECK(future_result(future, guard(10), NULL) == FUTURE_LOST);
    CHECK(WIFSIGNALED(future_worker_status(future)), "%x",
          (unsigned)future_worker_status(future));
    CHECK(count_now(reached) == 0, "the program's code runs in a worker");
    CHECK(pool_close(pool) == 0);
}

/* By default, after a longjmp() the program's code runs in the worker, as pool.h says, but only up
 * to the next call of the pool's, or to the end of main(). */
static void jump_until(void (*end)(struct pool *), const char *name)
{
    struct count *reached = share(sizeof *reached);
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    if (setjmp(program_s_place) != 0) {
        count_add(reached, 1);
        end(NULL); /* the worker was forked before pool_open() returned */
        count_add(reached, 10);
        _exit(1);
    }
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct future *future = future_submit(pool, jump_to_the_program, NULL, 0, 0);
    CHECK(future_result(future, guard(10), NULL) == FUTURE_LOST);
    int status = future_worker_status(future);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: %x", name,
          (unsigned)status);
    CHECK(count_now(reached) == 1, "%s: %lu", name, (unsigned long)count_now(reached));
    CHECK(pool_close(pool) == 0);
}

static void by_exit(struct pool *unused)
{
    (void)unused;
    exit(7);
}

static void by_submit(struct pool *pool)
{
    future_submit(pool, jump_to_the_program, NULL, 0, 0);
}

static void by_open(struct pool *unused)
{
    (void)unused;
    (void)pool_open(1);
}

static void by_close(struct pool *pool)
{
    pool_close(pool);
}

static void longjmp_by_default_ends_at_the_pool_or_with_main(void *unused)
{
    (void)unused;
    if (getenv("NO_LIMITS") != NULL)
        return; /* AddressSanitizer does not let a jump leave a stack */
    jump_until(by_exit, "exit()");
    jump_until(by_submit, "future_submit()");
    jump_until(by_open, "pool_open()");
    jump_until(by_close, "pool_close()");
}

static int fill_in(void *variable)
{
    *(int *)variable = 42;
    return 0;
}

static int read_through_pointer(void *argument, void *result)
{
    *(int *)result = **(int **)argument;
    return 0;
}

/* Without .read_only_frames: each worker has its own copy of the variable. */
static void variables_of_main_can_be_written(void *unused)
{
    (void)unused;
    volatile int variable = 1;
    int *pointer = (int *)(uintptr_t)&variable, result = 0;
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 1, .initializer = fill_in, .initializer_argument = pointer});
    CHECK(pool != NULL, "pool_open_with");
    CHECK(future_result(future_submit(pool, read_through_pointer, &pointer,
                                      sizeof pointer, sizeof result),
                        guard(10), &result) == FUTURE_OK &&
              result == 42,
          "the initializer's variable is %d", result);
    CHECK(variable == 1);
    CHECK(pool_close(pool) == 0);
}

static int use_stack(void *argument, void *unused)
{
    (void)unused;
    size_t size = *(size_t *)argument;
    /* cppcheck-suppress allocaCalled ; the task is to use its stack */
    volatile char *memory = alloca(size);
    for (size_t at = size; at >= 1024; at -= 1024) /* top down, as a stack grows */
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
    size = (size_t)2 << 30; /* more than any stack has */
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
          pthread_attr_setstacksize(&small, 131072) == 0);
    CHECK(pthread_create(&thread, &small, use_much_stack, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* ---- Nothing outlives its reason ---- */

struct scene {
    struct count *begun, *gate;
    _Atomic pid_t *process; /* the worker, or the process that the task started */
};

static struct scene new_scene(void)
{
    return (struct scene){share(sizeof(struct count)), share(3 * sizeof(struct count)),
                          share(sizeof(_Atomic pid_t))};
}

/* Of start_apart(). */
static void end_program(pid_t program)
{
    CHECK(kill(program, SIGKILL) == 0 && waitpid(program, NULL, 0) == program);
}

/* Remove the death signal, as the kernel does when a process changes its user id. */
static void forget_parent(void *argument)
{
    struct scene *scene = argument;
    CHECK(prctl(PR_SET_PDEATHSIG, 0) == 0);
    atomic_store(scene->process, getpid());
    count_add(scene->begun, 1);
    count_reaches(scene->gate, 1, 100);
}

static void await_state(pid_t process, char state)
{
    for (double limit = seconds_now() + guard(5); process_state(process) != state;) {
        CHECK(seconds_now() < limit, "process %d is in state %c, not %c", (int)process,
              process_state(process), state);
        sleep_for(0.001);
    }
}

static void await_end(pid_t process, const char *what)
{
    double limit = seconds_now() + guard(5);
    while (process_state(process) != 0 && process_state(process) != 'Z') {
        CHECK(seconds_now() < limit, "%s (process %d) is still there, state %c", what,
              (int)process, process_state(process));
        sleep_for(0.002);
    }
}

static struct pool *open_with_forgetful_task(struct scene *scene, struct task **task)
{
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    *task = task_new(pool, forget_parent, sizeof *scene);
    memcpy(task_argument(*task), scene, sizeof *scene);
    CHECK(task_publish(*task) == 0 && count_reaches(scene->begun, 1, 10));
    return pool;
}

/* The program makes no call meanwhile: the kernel ends the worker. */
static void worker_ends_with_the_foreman(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    struct task *task;
    struct pool *pool = open_with_forgetful_task(&scene, &task);
    CHECK(kill(pool_foreman(pool), SIGKILL) == 0);
    await_end(atomic_load(scene.process), "the worker of a killed foreman");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

static void open_and_wait(void *argument)
{
    struct task *task;
    open_with_forgetful_task(argument, &task);
    sleep_for(guard(100));
}

static void worker_ends_with_the_program(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    pid_t program = start_apart(open_and_wait, &scene);
    CHECK(count_reaches(scene.begun, 1, 10));
    end_program(program);
    await_end(atomic_load(scene.process), "the worker of a killed program");
}

static void close_descriptors(void *argument)
{
    for (int i = 3; i < 1000; i++)
        close(i);
    forget_parent(argument);
}

/* A worker without a tie ends when its task returns. */
static void worker_without_ties_ends_after_its_task(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    struct pool *pool = pool_open(1);
    CHECK(pool_submit(pool, close_descriptors, &scene, sizeof scene) == 0);
    CHECK(pool_submit(pool, forget_parent, &scene, sizeof scene) == 0);
    CHECK(count_reaches(scene.begun, 1, 10) && kill(pool_foreman(pool), SIGKILL) == 0);
    await_end(pool_foreman(pool), "the foreman");
    CHECK(pool_broken(pool) != NULL);
    count_set(scene.gate, 1);
    await_end(atomic_load(scene.process), "the worker");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    CHECK(count_now(scene.begun) == 1, "it took another task");
}

static void open_and_exec(void *argument)
{
    struct task *task;
    struct scene *scene = argument;
    struct pool *pool = open_with_forgetful_task(scene, &task);
    count_set(scene->gate + 1, pool_foreman(pool));
    execl("/bin/sleep", "sleep", "1000", (char *)NULL);
}

static void exec_of_the_program_ends_its_pool(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    pid_t program = start_apart(open_and_exec, &scene);
    CHECK(count_reaches(scene.begun, 1, 10));
    await_end(atomic_load(scene.process), "the worker of a program that called exec()");
    /* The foreman stays a zombie: the new program does not know of this child. */
    await_end(count_now(scene.gate + 1), "the foreman");
    end_program(program);
}

static struct scene *forking;

/* Before each fork() of a foreman, wait for the other thread; for 0.1 s, if only one at a time may
 * come here. */
static void wait_for_both(void)
{
    count_add(forking->begun, 1);
    count_reaches(forking->begun, 2, 0.1);
}

static void *open_at_once(void *foreman)
{
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL);
    count_set(foreman, pool_foreman(pool));
    return NULL;
}

static void open_two_and_exec(void *argument)
{
    struct scene *scene = argument;
    pthread_t thread[2];
    forking = scene;
    CHECK(pthread_atfork(wait_for_both, NULL, NULL) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&thread[i], NULL, open_at_once, scene->gate + 1 + i) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    count_set(scene->gate, 1);
    execl("/bin/sleep", "sleep", "1000", (char *)NULL);
}

/* Two threads opened a pool each, at the same time. Each foreman had inherited an end of the
 * other's tie, so none saw that the program was gone. */
static void exec_ends_pools_that_were_opened_at_once(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    pid_t program = start_apart(open_two_and_exec, &scene);
    CHECK(count_reaches(scene.gate, 1, 10));
    for (int i = 1; i <= 2; i++)
        await_end(count_now(scene.gate + i), "a foreman");
    end_program(program);
}

static void program_closes_all_descriptors(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    for (int i = 3; i < 1000; i++)
        close(i);
    CHECK(kill(pool_foreman(pool), SIGUSR1) == 0); /* does not end it either */
    for (int i = 0; i < 20; i++) {
        struct task *task = task_new(pool, nothing, 0);
        CHECK(task_publish(task) == 0 && task_wait(task, guard(10)) == 0 &&
              task_state(task) == TASK_DONE);
        sleep_for(0.002);
    }
    CHECK(pool_broken(pool) == NULL && pool_close(pool) == 0);
}

/* ---- What tasks start ---- */

/* A task starts a process that would run for a long time. */
struct start {
    struct scene scene;
    bool twice;   /* that process is a grandchild, whose parent ends at once */
    bool crashes; /* after starting it, the task crashes */
    bool stays;
};

static void start_process(void *argument)
{
    struct start *start = argument;
    if (fork() == 0) {
        if (start->twice && fork() != 0)
            _exit(0);
        atomic_store(start->scene.process, getpid());
        count_add(start->scene.begun, 1);
        sleep_for(guard(100));
        _exit(0);
    }
    count_reaches(start->scene.begun, 1, 10);
    if (start->crashes)
        abort();
    if (start->stays)
        sleep_for(guard(100));
}

/* Make the scene before the pool is opened, so that the workers share it. */
static struct pool *open_and_start(struct start *start, struct task **task)
{
    start->scene = new_scene();
    struct pool *pool = pool_open(1);
    *task = task_new(pool, start_process, sizeof *start);
    memcpy(task_argument(*task), start, sizeof *start);
    CHECK(task_publish(*task) == 0 && count_reaches(start->scene.begun, 1, 10));
    return pool;
}

static void killed_task_s_processes_end_with_it(void *unused)
{
    (void)unused;
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    for (int way = 0; way < 6; way++) {
        struct start start = {
            .twice = way % 2 == 1, .crashes = way < 2, .stays = way >= 2};
        struct task *task;
        struct pool *pool = open_and_start(&start, &task);
        if (way >= 4) {
            CHECK(pool_abort(pool) == 0);
            CHECK(process_state(atomic_load(start.scene.process)) == 0, "way %d", way);
            continue;
        }
        CHECK(way < 2 || task_stop(task) == 0);
        CHECK(task_wait(task, guard(10)) == 0);
        CHECK(process_state(atomic_load(start.scene.process)) == 0,
              "the task has ended, but not what it started (way %d)", way);
        CHECK(pool_close(pool) >= 0);
    }
}

static void crash(void *unused)
{
    (void)unused;
    abort();
}

static void what_an_ended_task_left_goes_on(void *unused)
{
    (void)unused;
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    struct start start = {0};
    struct task *task;
    struct pool *pool = open_and_start(&start, &task);
    pid_t left = atomic_load(start.scene.process);
    CHECK(task_wait(task, guard(10)) == 0 && task_state(task) == TASK_DONE);
    await_idle(pool);
    pid_t worker = pool_worker(pool, 0); /* not later: the foreman replaces it */
    CHECK(pool_submit(pool, crash, NULL, 0) == 0); /* another task, of the same worker */
    await_end(worker, "the worker whose task crashed");
    CHECK(pool_close(pool) == 1);
    await_state(left, 'S');
    CHECK(kill(left, SIGKILL) == 0);
}

/* Two workers, each with a task that starts a process and returns when its gate is opened. */
struct pair {
    struct count *begun, *gate;
    _Atomic pid_t *process;
    bool twice; /* as in struct start */
};

static void start_and_await(void *argument)
{
    struct pair *pair = argument;
    int number = pool_worker(task_pool(task_of(argument)), 0) == getpid() ? 0 : 1;
    if (fork() == 0) {
        if (pair->twice && fork() != 0)
            _exit(0);
        atomic_store(&pair->process[number], getpid());
        count_add(pair->begun, 1);
        sleep_for(guard(100));
        _exit(0);
    }
    count_reaches(&pair->gate[number], 1, 100);
}

static struct pool *open_pair(struct pair *pair)
{
    pair->begun = share(sizeof *pair->begun);
    pair->gate = share(2 * sizeof *pair->gate);
    pair->process = share(2 * sizeof *pair->process);
    struct pool *pool = pool_open(2);
    for (int i = 0; i < 2; i++) {
        struct task *task = task_new(pool, start_and_await, sizeof *pair);
        memcpy(task_argument(task), pair, sizeof *pair);
        CHECK(task_publish(task) == 0);
    }
    CHECK(count_reaches(pair->begun, 2, 10));
    return pool;
}

static struct task *task_of_worker(struct pool *pool, int number)
{
    return atomic_load(&pool->shared->slots[number].task);
}

static void kill_and_await(pid_t process)
{
    CHECK(kill(process, SIGKILL) == 0);
    await_end(process, "a killed worker");
}

/* An idle worker dies, too: at the same time, or before. */
static void an_idle_worker_s_death_spares_no_other_task_s_processes(void *unused)
{
    (void)unused;
    for (int way = 0; way < 8; way++) {
        int idle = way & 1, busy = !idle;
        bool together = (way & 2) == 0;
        struct pair pair = {.twice = (way & 4) != 0};
        struct pool *pool = open_pair(&pair);
        struct task *task = task_of_worker(pool, busy);
        pid_t workers[] = {pool_worker(pool, 0), pool_worker(pool, 1)};
        count_set(&pair.gate[idle], 1);
        CHECK(task_wait(task_of_worker(pool, idle), guard(10)) == 0);
        await_state(workers[idle], 'S');
        if (together) {
            CHECK(kill(pool_foreman(pool), SIGSTOP) == 0);
            await_state(pool_foreman(pool), 'T');
        }
        kill_and_await(workers[idle]);
        if (!together)
            await_state(workers[idle], 0); /* buried */
        kill_and_await(workers[busy]);
        CHECK(kill(pool_foreman(pool), SIGCONT) == 0);
        CHECK(task_wait(task, guard(10)) == 0 && task_state(task) == TASK_LOST);
        CHECK(process_state(atomic_load(&pair.process[busy])) == 0,
              "what the killed task started is still there (way %d)", way);
        pid_t left = atomic_load(&pair.process[idle]);
        if (!pair.twice)
            await_state(left, 'S');
        kill(left, SIGKILL);
        CHECK(pool_close(pool) == 0);
    }
}

/* From now on this process notices the end of the traced one before its parent does; the parent
 * waits until then. False: the system allows no ptrace(). */
static bool trace(pid_t process)
{
    if (ptrace(PTRACE_SEIZE, process, NULL, NULL) == 0)
        return true;
    printf("(no ptrace() here) ");
    return false;
}

static void await_traced_end(pid_t process)
{
    int status = 0;
    do
        CHECK(waitpid(process, &status, __WALL) == process);
    while (!WIFSIGNALED(status));
}

/* Stop a traced process that waits; go on with it, an instruction at a time, until the condition
 * holds. False: this processor can't do that. */
static void halt(pid_t process)
{
    int status;
    CHECK(ptrace(PTRACE_INTERRUPT, process, NULL, NULL) == 0);
    CHECK(waitpid(process, &status, __WALL) == process && WIFSTOPPED(status));
}

static bool step_until(pid_t process, bool (*reached)(void *), void *argument)
{
    uintptr_t signal = 0;
    for (double limit = seconds_now() + guard(20); !reached(argument);) {
        int status;
        CHECK(seconds_now() < limit, "the process did not come so far");
        if (ptrace(PTRACE_SINGLESTEP, process, NULL, signal) != 0) {
            printf("(no single steps here) ");
            return false;
        }
        CHECK(waitpid(process, &status, __WALL) == process && WIFSTOPPED(status));
        bool is_a_signal = status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP;
        signal = is_a_signal ? (uintptr_t)WSTOPSIG(status) : 0;
    }
    return true;
}

static bool has_ended(void *task)
{
    return task_ended(task);
}

static void *abort_pool(void *pool)
{
    CHECK(pool_abort(pool) == 0);
    return NULL;
}

/* Of two running tasks, one returns ... */
enum moment {
    BEFORE, /* ... after pool_abort(), before the foreman kills a worker */
    BETWEEN, /* ... while the foreman waits for the end of what the other task has started */
    HALTED /* ... before pool_abort(), but its worker comes no further */
};

static void abort_while_a_task_returns(enum moment moment, int returns)
{
    pthread_t thread;
    struct pair pair = {0};
    struct pool *pool = open_pair(&pair);
    pid_t worker = pool_worker(pool, returns), foreman = pool_foreman(pool);
    pid_t killed = atomic_load(&pair.process[!returns]);
    pid_t left = atomic_load(&pair.process[returns]);
    pid_t traced = moment == BETWEEN ? killed : worker;
    if (moment != BEFORE && !trace(traced))
        return;
    if (moment == HALTED) {
        halt(worker);
        count_set(&pair.gate[returns], 1);
        if (!step_until(worker, has_ended, task_of_worker(pool, returns))) {
            kill(left, SIGKILL);
            return;
        }
    } else if (moment == BEFORE) {
        CHECK(kill(foreman, SIGSTOP) == 0);
        await_state(foreman, 'T');
    }
    CHECK(pthread_create(&thread, NULL, abort_pool, pool) == 0);
    while (!atomic_load(&pool->shared->over))
        sleep_for(0.001);
    if (moment != BEFORE)
        await_state(traced, 'Z');
    count_set(&pair.gate[returns], 1);
    await_end(worker, "the worker whose task returns");
    if (moment == BEFORE)
        CHECK(kill(foreman, SIGCONT) == 0);
    else
        await_traced_end(traced);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(process_state(killed) == 0, "what the other task started is still there");
    await_state(left, 'S');
    CHECK(kill(left, SIGKILL) == 0);
}

static void what_a_task_left_goes_on_beside_an_abort(void *unused)
{
    (void)unused;
    abort_while_a_task_returns(BEFORE, 0);
    abort_while_a_task_returns(BEFORE, 1);
    abort_while_a_task_returns(BETWEEN, 1); /* worker 0 is killed first */
    abort_while_a_task_returns(HALTED, 0);
}

static bool runs(void *task)
{
    return task_state(task) == TASK_RUNNING;
}

/* False: that can't be done here. */
static bool kill_as_it_is_taken(pid_t worker, struct task *task)
{
    if (!trace(worker))
        return false;
    halt(worker);
    CHECK(task_publish(task) == 0);
    if (!step_until(worker, runs, task))
        return false;
    CHECK(kill(worker, SIGKILL) == 0);
    await_traced_end(worker);
    return true;
}

/* A worker dies when it has just taken a task: what an earlier task left long ago goes on. It is a
 * grandchild, which no worker can name. */
static void a_task_killed_as_it_is_taken(void *unused)
{
    (void)unused;
    struct start start = {.twice = true};
    struct task *task;
    struct pool *pool = open_and_start(&start, &task);
    pid_t left = atomic_load(start.scene.process), worker = pool_worker(pool, 0);
    CHECK(task_wait(task, guard(10)) == 0);
    await_idle(pool);
    sleep_for(0.05); /* more than the kernel's tick */
    task = task_new(pool, nothing, 0);
    if (kill_as_it_is_taken(worker, task)) {
        CHECK(task_wait(task, guard(10)) == 0 && task_state(task) == TASK_LOST);
        await_state(left, 'S');
    }
    CHECK(kill(left, SIGKILL) == 0);
    kill(worker, SIGKILL); /* it may be halted */
}

/* As if the worker had taken the task just before it died: the foreman, which looks there first,
 * finds no task in the slot. */
static void a_task_taken_while_the_pool_is_aborted(void *unused)
{
    (void)unused;
    pthread_t thread;
    struct start start = {.stays = true};
    struct task *task;
    struct pool *pool = open_and_start(&start, &task);
    pid_t worker = pool_worker(pool, 0);
    if (!trace(worker))
        return;
    atomic_store(&pool->shared->slots[0].task, NULL);
    CHECK(pthread_create(&thread, NULL, abort_pool, pool) == 0);
    await_state(worker, 'Z');
    atomic_store(&pool->shared->slots[0].task, task);
    await_traced_end(worker);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(process_state(atomic_load(start.scene.process)) == 0, "it is still there");
}

static void *close_within(void *pool)
{
    int lost = pool_close_within(pool, guard(10), POOL_RUN_ALL);
    CHECK(lost == 0, "pool_close_within() counts %d", lost);
    return NULL;
}

/* The program begins to close the pool as soon as it can see that a task was lost. */
static void a_loss_seen_before_the_close_does_not_count(void *unused)
{
    (void)unused;
    pthread_t thread;
    struct scene scene = new_scene();
    struct task *task;
    struct pool *pool = open_with_forgetful_task(&scene, &task);
    if (!trace(pool_foreman(pool)))
        return;
    halt(pool_foreman(pool));
    kill_and_await(pool_worker(pool, 0));
    if (!step_until(pool_foreman(pool), has_ended, task))
        return;
    CHECK(pthread_create(&thread, NULL, close_within, pool) == 0);
    while (atomic_load(&pool->shared->closing) == OPEN)
        sleep_for(0.001);
    CHECK(ptrace(PTRACE_DETACH, pool_foreman(pool), NULL, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static bool is_reaped(void *process)
{
    return kill(*(pid_t *)process, 0) != 0;
}

static void no_worker_has_the_pid_of_a_reaped_one(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    pid_t worker = pool_worker(pool, 0), foreman = pool_foreman(pool);
    await_idle(pool);
    if (!trace(foreman))
        return;
    halt(foreman);
    kill_and_await(worker);
    if (!step_until(foreman, is_reaped, &worker))
        return;
    CHECK(pool_worker(pool, 0) == 0);
    CHECK(ptrace(PTRACE_DETACH, foreman, NULL, NULL) == 0);
    CHECK(pool_submit(pool, nothing, NULL, 0) == 0 && pool_close(pool) == 0);
}

/* ---- Descriptors ---- */

/* Whether a pipe's reader gets end of file when the program closes its write end. */
static bool end_is_seen(int close_descriptors)
{
    int pair[2];
    char byte;
    CHECK(pipe(pair) == 0);
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = 2, .close_descriptors = close_descriptors});
    CHECK(pool != NULL && pool_submit(pool, nothing, NULL, 0) == 0);
    close(pair[1]);
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    bool seen = read(pair[0], &byte, 1) == 0;
    CHECK(pool_close(pool) == 0);
    CHECK(read(pair[0], &byte, 1) == 0, "the pool is closed, the pipe is not");
    close(pair[0]);
    return seen;
}

static void descriptors_are_inherited_unless_closed(void *unused)
{
    (void)unused;
    CHECK(!end_is_seen(0) && end_is_seen(1));
}

/* ---- Other users and namespaces: for root ---- */

static void become_nobody(void *argument)
{
    struct scene *scene = argument;
    CHECK(setresuid(65534, 65534, 65534) == 0);
    atomic_store(scene->process, getpid());
    count_add(scene->begun, 1);
    count_reaches(scene->gate, 1, 100);
}

/* A program that may change its user and no more. */
static void keep_setuid_alone(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{1U << CAP_SETUID, 1U << CAP_SETUID, 0}};
    CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1000, 1000, 1000) == 0);
    CHECK(syscall(SYS_capset, &header, data) == 0);
}

/* A task that runs in a worker that the foreman may not kill. NULL: that takes root. */
static struct task *run_unkillable(struct scene *scene, double limit)
{
    if (getuid() != 0) {
        printf("(only root can do this) ");
        return NULL;
    }
    keep_setuid_alone();
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .tasks_per_worker = 1});
    struct task *task = task_new(pool, become_nobody, sizeof *scene);
    memcpy(task_argument(task), scene, sizeof *scene);
    task_limit(task, limit);
    CHECK(task_publish(task) == 0 && count_reaches(scene->begun, 1, 10));
    return task;
}

static void worker_that_cannot_be_killed(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    struct task *task = run_unkillable(&scene, 0);
    if (task == NULL)
        return;
    struct pool *pool = task_pool(task);
    CHECK_FAILS(task_stop(task) == -1, EPERM);
    CHECK(task_state(task) == TASK_RUNNING);
    CHECK_FAILS(pool_abort(pool) == -1, EPERM);
    CHECK(process_state(atomic_load(scene.process)) != 0, "so it was killed");
    count_set(scene.gate, 1);
    await_end(atomic_load(scene.process), "the worker, whose task returned,");
}

/* The foreman was not allowed to kill a worker, whose task then returned. Later the pool was ended,
 * and that failed with EPERM, too. */
static void end_after_a_stop_that_was_refused(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    struct task *task = run_unkillable(&scene, 0);
    if (task == NULL)
        return;
    struct pool *pool = task_pool(task);
    pid_t worker = pool_worker(pool, 0);
    CHECK_FAILS(task_stop(task) == -1, EPERM);
    count_set(scene.gate, 1);
    await_end(worker, "the worker, which does one task,");
    struct task *next = task_new(pool, nothing, 0);
    CHECK(task_publish(next) == 0 && task_wait(next, guard(10)) == 0);
    CHECK(pool_abort(pool) == 0);
}

/* Its time is over, and the foreman may not kill it. The foreman woke the program, and with it
 * itself, to try again, and again. */
static void limit_of_a_worker_that_cannot_be_killed(void *unused)
{
    (void)unused;
    struct scene scene = new_scene();
    struct task *task = run_unkillable(&scene, 0.01);
    if (task == NULL)
        return;
    struct pool *pool = task_pool(task);
    while ((atomic_load(&task->word) & WORD_EXPIRING) == 0)
        usleep(100);
    uint32_t before = bell_read(&pool->shared->foreman_bell);
    CHECK_FAILS(task_wait(task, 0.1) == -1, ETIMEDOUT);
    uint32_t rings = bell_read(&pool->shared->foreman_bell) - before;
    CHECK(rings < 10, "the foreman was woken %u times in 0.1 s", rings);
    count_set(scene.gate, 1);
    CHECK(task_wait(task, guard(10)) == 0 && task_state(task) == TASK_EXPIRED);
    CHECK(pool_close(pool) == 0);
}

static void *stop_it(void *task)
{
    task_stop(task);
    return NULL;
}

/* task_stop() waits to hear from the foreman whether it may kill the worker, but the foreman is
 * stopped. Then the foreman is killed, and the pool is closed. */
static void stop_beside_a_close(void *unused)
{
    (void)unused;
    pthread_t thread;
    struct scene scene = new_scene();
    struct task *task = run_unkillable(&scene, 0);
    if (task == NULL)
        return;
    struct pool *pool = task_pool(task);
    CHECK(kill(pool_foreman(pool), SIGSTOP) == 0);
    CHECK(pthread_create(&thread, NULL, stop_it, task) == 0);
    while ((atomic_load(&task->word) & WORD_STOPPING) == 0)
        usleep(100);
    CHECK(kill(pool_foreman(pool), SIGKILL) == 0);
    CHECK_FAILS(pool_abort(pool) == -1, EOWNERDEAD);
    CHECK(pthread_join(thread, NULL) == 0);
    count_set(scene.gate, 1);
    await_end(atomic_load(scene.process), "the worker, whose task returned,");
}

static void program_in_another_pid_namespace(void *unused)
{
    (void)unused;
    if (unshare(CLONE_NEWPID) != 0) {
        printf("(not allowed here) ");
        return;
    }
    struct scene scene = new_scene();
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "cannot open a pool");
    struct task *task = task_new(pool, forget_parent, sizeof scene);
    memcpy(task_argument(task), &scene, sizeof scene);
    CHECK(task_publish(task) == 0 && count_reaches(scene.begun, 1, 10));
    CHECK(task_stop(task) == 0 && task_wait(task, guard(10)) == 0);
    CHECK(task_state(task) == TASK_STOPPED && pool_close(pool) == 0);
}

/* ---- Stopped workers ---- */

static void stopped_idle_worker_delays_nobody(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(2);
    await_idle(pool);
    look_no_more(pool);
    pid_t first = pool_worker(pool, 0); /* of the idle workers, this one is woken first */
    CHECK(kill(first, SIGSTOP) == 0);
    struct shared *shared = pool->shared;
    double limit = seconds_now() + guard(5);
    while ((atomic_load(&shared->idle[0]) & 1) != 0) {
        CHECK(seconds_now() < limit, "the foreman does not see the stop");
        sleep_for(0.001);
    }
    for (int i = 0; i < 10; i++) {
        struct task *task = task_new(pool, nothing, 0);
        CHECK(task_publish(task) == 0 && task_wait(task, guard(5)) == 0, "task %d waits",
              i);
    }
    CHECK(kill(first, SIGCONT) == 0);
    await_idle(pool); /* both workers */
    CHECK(pool_close(pool) == 0);
}

/* ---- The program's end ---- */

static void print_number(void *argument)
{
    printf("task %d\n", *(int *)argument);
}

static void submit_and_exit(void *output)
{
    CHECK(put_at(STDOUT_FILENO, *(int *)output) >= 0);
    struct pool *pool = pool_open(1);
    for (int i = 0; i < 5; i++)
        CHECK(pool_submit(pool, print_number, &i, sizeof i) == 0);
    exit(0);
}

/* Check what a process writes to `output` by body(&output) and exit(0). */
static void expect_text(void (*body)(void *), const char *expected)
{
    char text[200];
    FILE *file = tmpfile();
    CHECK(file != NULL);
    int output = fileno(file);
    int status = run_apart(body, &output, 10);
    ssize_t length = pread(output, text, sizeof text - 1, 0);
    fclose(file);
    CHECK(status == 0 && length >= 0);
    text[length] = '\0';
    CHECK(strcmp(text, expected) == 0, "written: \"%s\"", text);
}

static void exit_without_close_loses_no_text(void *unused)
{
    (void)unused;
    expect_text(submit_and_exit, "task 0\ntask 1\ntask 2\ntask 3\ntask 4\n");
}

/* The program calls exit() while another thread renumbers waiting tasks. For a moment the only
 * waiting task is beyond the tail, and the queue looks empty. */
static struct renumbering {
    struct pool *pool;
    struct task *task;
    struct scene scene;
    _Atomic bool begun, exits;
} renumbering;

static void await_gate(void *argument)
{
    struct scene *scene = argument;
    count_add(scene->begun, 1);
    count_reaches(scene->gate, 1, 100);
}

static void say_that_it_exits(void)
{
    atomic_store(&renumbering.exits, true);
}

/* Renumber as a thread that submits does, with the lock held. */
static void *renumber(void *unused)
{
    struct pool *pool = renumbering.pool;
    struct queue_writer *writer = &pool->own.queue;
    struct shared *shared = pool->shared;
    pthread_mutex_lock(&pool->own.lock);
    uint64_t word = atomic_load(&renumbering.task->word);
    atomic_store(&renumbering.task->word, word_renumber(word, writer->tail));
    atomic_store(&writer->ring->entry[writer->tail & writer->ring->mask],
                 renumbering.task);
    count_set(renumbering.scene.gate, 1);
    while (!queue_is_empty(&shared->queue))
        sleep_for(0.001);
    atomic_store(&renumbering.begun, true);
    while (!atomic_load(&renumbering.exits))
        sleep_for(0.001);
    /* Until the first thread sleeps: it must wait for this one, not for the end of the foreman. */
    while (process_state(getpid()) != 'S' || atomic_load(&shared->closing) == DRAIN)
        sleep_for(0.001);
    atomic_store(&shared->queue.tail, ++writer->tail);
    pthread_mutex_unlock(&pool->own.lock);
    return unused;
}

static void exit_while_a_thread_renumbers(void *output)
{
    pthread_t thread;
    int number = 7;
    CHECK(put_at(STDOUT_FILENO, *(int *)output) >= 0);
    renumbering.scene = new_scene();
    renumbering.pool = pool_open(1);
    CHECK(renumbering.pool != NULL && atexit(say_that_it_exits) == 0);
    CHECK(pool_submit(renumbering.pool, await_gate, &renumbering.scene,
                      sizeof renumbering.scene) == 0);
    CHECK(count_reaches(renumbering.scene.begun, 1, 10));
    renumbering.task = task_new(renumbering.pool, print_number, sizeof number);
    memcpy(task_argument(renumbering.task), &number, sizeof number);
    CHECK(task_publish(renumbering.task) == 0);
    CHECK(pthread_create(&thread, NULL, renumber, NULL) == 0);
    while (!atomic_load(&renumbering.begun))
        sleep_for(0.001);
    exit(0);
}

static void exit_beside_a_thread_loses_no_task(void *unused)
{
    (void)unused;
    expect_text(exit_while_a_thread_renumbers, "task 7\n");
}

static void open_inner_pool(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    for (int i = 0; i < 5; i++)
        CHECK(pool_submit(pool, print_number, &i, sizeof i) == 0);
}

static void leave_inner_pool_open(void)
{
    struct pool *pool = pool_open(1);
    CHECK(pool_submit(pool, open_inner_pool, NULL, 0) == 0 && pool_close(pool) == 0);
}

static void pool_that_a_task_left_open(void *unused)
{
    (void)unused;
    char text[200];
    capture(leave_inner_pool_open, text, sizeof text);
    CHECK(strcmp(text, "task 0\ntask 1\ntask 2\ntask 3\ntask 4\n") == 0, "%s", text);
}

static const struct stress_case cases[] = {
    {"child_made_by_clone_of_the_program", child_made_by_clone_of_the_program},
    {"child_made_by_clone_returns_from_a_task", child_made_by_clone_returns_from_a_task},
    {"open_while_a_thread_reads", open_while_a_thread_reads},
    {"task_leaves_a_thread_that_reads", task_leaves_a_thread_that_reads},
    {"other_thread_s_text_comes_once", other_thread_s_text_comes_once},
    {"text_of_a_locked_stream_comes_once", text_of_a_locked_stream_comes_once},
    {"exit_in_a_task_ends_the_worker_alone", exit_in_a_task_ends_the_worker_alone},
    {"exit_in_an_initializer", exit_in_an_initializer},
#ifdef __GLIBC__
    {"unwinding_does_not_reach_the_program", unwinding_does_not_reach_the_program},
#endif
    {"longjmp_does_not_reach_the_program", longjmp_does_not_reach_the_program},
    {"longjmp_by_default_ends_at_the_pool_or_with_main",
     longjmp_by_default_ends_at_the_pool_or_with_main},
    {"variables_of_main_can_be_written", variables_of_main_can_be_written},
    {"stack_of_a_worker_is_not_the_thread_s", stack_of_a_worker_is_not_the_thread_s},
    {"worker_ends_with_the_foreman", worker_ends_with_the_foreman},
    {"worker_ends_with_the_program", worker_ends_with_the_program},
    {"worker_without_ties_ends_after_its_task", worker_without_ties_ends_after_its_task},
    {"exec_of_the_program_ends_its_pool", exec_of_the_program_ends_its_pool},
    {"exec_ends_pools_that_were_opened_at_once",
     exec_ends_pools_that_were_opened_at_once},
    {"program_closes_all_descriptors", program_closes_all_descriptors},
    {"killed_task_s_processes_end_with_it", killed_task_s_processes_end_with_it},
    {"what_an_ended_task_left_goes_on", what_an_ended_task_left_goes_on},
    {"an_idle_worker_s_death_spares_no_other_task_s_processes",
     an_idle_worker_s_death_spares_no_other_task_s_processes},
    {"what_a_task_left_goes_on_beside_an_abort",
     what_a_task_left_goes_on_beside_an_abort},
    {"a_task_killed_as_it_is_taken", a_task_killed_as_it_is_taken},
    {"a_task_taken_while_the_pool_is_aborted", a_task_taken_while_the_pool_is_aborted},
    {"a_loss_seen_before_the_close_does_not_count",
     a_loss_seen_before_the_close_does_not_count},
    {"no_worker_has_the_pid_of_a_reaped_one", no_worker_has_the_pid_of_a_reaped_one},
    {"descriptors_are_inherited_unless_closed", descriptors_are_inherited_unless_closed},
    {"worker_that_cannot_be_killed", worker_that_cannot_be_killed},
    {"end_after_a_stop_that_was_refused", end_after_a_stop_that_was_refused},
    {"limit_of_a_worker_that_cannot_be_killed", limit_of_a_worker_that_cannot_be_killed},
    {"stop_beside_a_close", stop_beside_a_close},
    {"program_in_another_pid_namespace", program_in_another_pid_namespace},
    {"stopped_idle_worker_delays_nobody", stopped_idle_worker_delays_nobody},
    {"exit_without_close_loses_no_text", exit_without_close_loses_no_text},
    {"exit_beside_a_thread_loses_no_task", exit_beside_a_thread_loses_no_task},
    {"pool_that_a_task_left_open", pool_that_a_task_left_open},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof cases[0], argc, argv);
}
