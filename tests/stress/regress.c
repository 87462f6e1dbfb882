/*
 * regress.c: one case for each bug that was found by reading or by a stress test, so that it does
 * not come back.
 *
 *     build/tests/stress/regress           all of them
 *     build/tests/stress/regress NAME...   those
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "future.h"
#include "program.h"
#include "shared.h"
#include "stress.h"

static void nothing(void *argument)
{
    (void)argument;
}

static void rest(void *argument)
{
    sleep_for(*(double *)argument);
}

/* A task that counts its beginning and ends when the gate opens. Both counts are in shared memory,
 * made before the pool is opened; the task's argument points to them. */
struct door {
    struct count *begun, *gate;
};

static struct door new_door(void)
{
    return (struct door){share(sizeof(struct count)), share(sizeof(struct count))};
}

static void wait_at_gate(void *argument)
{
    struct door *door = argument;
    count_add(door->begun, 1);
    count_reaches(door->gate, 1, 15);
}

static void await_begun(struct door *door, int tasks)
{
    CHECK(count_reaches(door->begun, tasks, 10), "waited for %d tasks to begin: %d did",
          tasks, count_now(door->begun));
}

static struct task *publish(struct pool *pool, struct batch *batch,
                            task_function *function, const void *argument, size_t size)
{
    struct task *task = task_new(pool, function, size);
    CHECK(task != NULL, "task_new");
    if (size > 0)
        memcpy(task_argument(task), argument, size);
    CHECK(task_publish(task) == 0, "task_publish");
    CHECK(batch == NULL || batch_add(batch, task) == 0, "batch_add");
    return task;
}

/* When more tasks ran at a time than a batch first has room for, it wrote past the ends of its
 * arrays. */
static void batch_many_running(void *unused)
{
    (void)unused;
    struct door door = new_door();
    struct pool *pool = pool_open(200);
    CHECK(pool != NULL, "cannot open a pool of 200");
    struct batch *batch = batch_open(pool);
    for (int round = 1; round <= 4; round++) {
        for (int i = 0; i < 64; i++)
            publish(pool, batch, wait_at_gate, &door, sizeof door);
        await_begun(&door, round < 4 ? round * 64 : 200);
        CHECK(batch_next(batch, 0) == NULL, "a task ended early");
    }
    count_set(door.gate, 1);
    int ended = 0;
    while (batch_next(batch, guard(10)) != NULL)
        ended++;
    CHECK(ended == 256, "%d of 256 came out", ended);
    batch_close(batch);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* The same, for tasks that end while the batch still holds a running one. */
static void batch_one_long(void *unused)
{
    (void)unused;
    struct door door = new_door();
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "cannot open a pool");
    struct batch *batch = batch_open(pool);
    size_t added = 1, ended = 0;
    publish(pool, batch, wait_at_gate, &door, sizeof door);
    await_begun(&door, 1);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 64; i++, added++)
            publish(pool, batch, nothing, NULL, 0);
        for (int i = 0; i < 33 + round % 31; i++)
            ended += batch_next(batch, guard(10)) != NULL;
    }
    count_set(door.gate, 1);
    while (batch_next(batch, guard(10)) != NULL)
        ended++;
    CHECK(ended == added, "%zu of %zu came out", ended, added);
    batch_close(batch);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int crash(void *unused)
{
    (void)unused;
    raise(SIGKILL);
    return 0;
}

/* When an initializer killed its worker, the foreman forked workers again and again, and a wait
 * for a task never ended. */
static void initializer_crashes(void *workers)
{
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = *(int *)workers, .initializer = crash});
    if (pool == NULL) {
        CHECK(errno == EOWNERDEAD, "pool_open_with: not EOWNERDEAD");
        return;
    }
    struct task *task = task_new(pool, nothing, 0);
    CHECK(task != NULL && (task_publish(task) == 0 || errno == EOWNERDEAD), "publish");
    CHECK(task_wait(task, guard(8)) == 0 || errno == EINVAL, "the task never ends");
    CHECK(pool_broken(pool) != NULL, "the pool works");
    CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
}

static void initializer_crashes_1(void *unused)
{
    (void)unused;
    initializer_crashes(&(int){1});
}

static void initializer_crashes_8(void *unused)
{
    (void)unused;
    initializer_crashes(&(int){8});
}

/* A time limit too small for a float was taken for no limit. */
static void limit_tiny(void *unused)
{
    (void)unused;
    double nap = 20;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct task *task = task_new(pool, rest, sizeof nap);
    CHECK(task != NULL && task_limit(task, 1e-60) == 0, "task_limit");
    memcpy(task_argument(task), &nap, sizeof nap);
    CHECK(task_publish(task) == 0, "task_publish");
    CHECK(task_wait(task, guard(5)) == 0, "the limit of 1e-60 s is none");
    CHECK(task_state(task) == TASK_EXPIRED, "state %d", (int)task_state(task));
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* Cancelled tasks kept their places in the queue until a worker skipped them: with all
 * workers busy, cancelling made no room. */
static void cancel_makes_room(void *unused)
{
    (void)unused;
    struct door door = new_door();
    struct pool *pool =
        pool_open_with(&(struct pool_options){.workers = 1, .waiting = 100});
    CHECK(pool != NULL, "pool_open_with");
    publish(pool, NULL, wait_at_gate, &door, sizeof door);
    await_begun(&door, 1);
    for (int i = 0; i < 1000; i++) {
        struct task *task = task_new(pool, nothing, 0);
        CHECK(task != NULL && task_publish(task) == 0, "task %d is refused", i);
        CHECK(task_cancel(task) == 0 && task_free(task) == 0, "cancel, free");
    }
    CHECK(pool_waiting(pool) == 0, "%zu tasks wait, all cancelled", pool_waiting(pool));
    CHECK(pool_abort(pool) >= 0, "pool_abort");
}

/* A ring was put into memory that tasks had used, so a worker that was late read task data as the
 * address of a task. The test reads the ring, as it can't hit that moment from outside. */
static void ring_is_new(void *unused)
{
    (void)unused;
    struct door door = new_door();
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    publish(pool, NULL, wait_at_gate, &door, sizeof door);
    for (int entries = 2048; entries <= 4096; entries *= 2) {
        size_t size = (size_t)entries * sizeof(void *) + 100;
        struct task *task = task_new(pool, nothing, size);
        CHECK(task != NULL, "task_new");
        memset(task_argument(task), 0xff, size);
        task_free(task);
    }
    for (int i = 0; i < 2500; i++)
        CHECK(pool_submit(pool, nothing, NULL, 0) == 0, "pool_submit");
    struct ring *ring = atomic_load(&pool->shared->queue.ring);
    CHECK(ring->mask == 4095, "the ring has %llu entries",
          (unsigned long long)ring->mask + 1);
    for (size_t i = 0; i <= ring->mask; i++) {
        char *entry = (char *)atomic_load(&ring->entry[i]);
        CHECK(entry == NULL || (entry > pool->arena.base &&
                                entry < pool->arena.base + pool->arena.used),
              "entry %zu is %p", i, (void *)entry);
    }
    CHECK(pool_abort(pool) > 0, "pool_abort");
}

static int write_and_die(void *argument, void *result)
{
    memset(result, 1, *(size_t *)argument);
    raise(SIGKILL);
    return 0;
}

/* When a task was killed because its result was too large for the machine, its memory stayed in
 * use until the program freed the future; so the kernel next killed an innocent process. */
static void lost_results_cost_nothing(void *unused)
{
    (void)unused;
    static unsigned char resident[4096];
    size_t size = sizeof resident * 4096, pages = 0;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct future *future = future_submit(pool, write_and_die, &size, sizeof size, size);
    CHECK(future != NULL && future_result(future, guard(5), NULL) == FUTURE_LOST,
          "not lost");
    CHECK(mincore(task_of(future), size, resident) == 0, "mincore");
    for (size_t i = 0; i < sizeof resident; i++)
        pages += resident[i] & 1;
    CHECK(pages <= 1, "%zu pages of 16 MiB are still there", pages);
    CHECK(future_free(future) == 0 && pool_close(pool) == 0, "pool_close");
}

/* When a child of the program asked whether the pool is broken, it found that the foreman is not
 * its child, and marked the pool as broken. */
static void asked_by_a_child(void *unused)
{
    (void)unused;
    int status;
    double nap = 60; /* the child asks for less than this, however slow it is */
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct task *task = task_new(pool, rest, sizeof nap);
    CHECK(task != NULL, "task_new");
    memcpy(task_argument(task), &nap, sizeof nap);
    CHECK(task_publish(task) == 0, "task_publish");
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        for (int i = 0; i < 150; i++, sleep_for(0.001))
            if (pool_broken(pool) != NULL || task_ended(task) ||
                task_wait(task, 0) != -1 || errno != EPERM)
                _exit(1);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0,
          "the child saw it otherwise");
    CHECK(task_state(task) == TASK_RUNNING || task_state(task) == TASK_WAITING,
          "state %d", (int)task_state(task));
    CHECK(task_stop(task) == 0 && task_wait(task, guard(5)) == 0, "task_stop, task_wait");
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A program that only asked for states, or only submitted, and never waited for long, did not
 * notice that the foreman had died. */
static void only_asks(void *unused)
{
    (void)unused;
    double nap = 30, start;
    for (int how = 0; how < 4; how++) {
        struct pool *pool = pool_open(1);
        CHECK(pool != NULL, "pool_open");
        struct task *task = task_new(pool, rest, sizeof nap);
        struct batch *batch = batch_open(pool);
        CHECK(task != NULL && batch != NULL, "task_new, batch_open");
        memcpy(task_argument(task), &nap, sizeof nap);
        CHECK(task_publish(task) == 0 && batch_add(batch, task) == 0, "publish, add");
        kill(pool_foreman(pool), SIGKILL);
        start = seconds_now();
        for (bool told = false; !told;) {
            CHECK(seconds_now() - start < guard(10),
                  "waited to be told of the foreman's death, by way %d of asking", how);
            if (how == 0)
                told = task_ended(task);
            else if (how == 1)
                told = task_wait(task, 0.001) == 0;
            else if (how == 2)
                told = batch_next(batch, 0.001) == task;
            else
                told = pool_submit(pool, nothing, NULL, 0) != 0 && errno == EOWNERDEAD;
        }
        batch_close(batch);
        CHECK_FAILS(pool_close(pool) == -1, EOWNERDEAD);
    }
}

static int become_nobody(void *unused)
{
    (void)unused;
    return setgid(65534) != 0 || setuid(65534) != 0;
}

static struct pool *open_as_nobody(void)
{
    struct pool *pool = pool_open_with(
        &(struct pool_options){.workers = 2, .initializer = become_nobody});
    CHECK(pool != NULL, "pool_open_with");
    return pool;
}

static void die_with_pool(void *unused)
{
    (void)unused;
    double nap = 20;
    struct pool *pool = open_as_nobody();
    for (int i = 0; i < 2; i++)
        CHECK(pool_submit(pool, rest, &nap, sizeof nap) == 0, "pool_submit");
    while (pool_waiting(pool) > 0)
        sleep_for(0.001);
    raise(SIGKILL);
}

/* Workers whose initializer gave up root could not wake the foreman, so their tasks had no time
 * limit; and these workers survived the program. */
static void initializer_changes_user(void *unused)
{
    (void)unused;
    double nap = 20;
    if (geteuid() != 0)
        return; /* not root: there is nothing to give up */
    struct pool *pool = open_as_nobody();
    struct task *task = task_new(pool, rest, sizeof nap);
    CHECK(task != NULL && task_limit(task, 0.05) == 0, "task_limit");
    memcpy(task_argument(task), &nap, sizeof nap);
    CHECK(task_publish(task) == 0, "task_publish");
    CHECK(task_wait(task, guard(5)) == 0 && task_state(task) == TASK_EXPIRED,
          "the limit is not kept");
    CHECK(pool_close(pool) == 0, "pool_close");
    run_apart(die_with_pool, NULL, 5);
}

/* Change the user id, and change it back. The kernel then no longer kills this process when its
 * parent ends. */
static int be_nobody_for_a_moment(void *unused)
{
    (void)unused;
    return seteuid(65534) != 0 || seteuid(0) != 0;
}

static void be_nobody_in_a_task(void *unused)
{
    if (be_nobody_for_a_moment(unused) != 0)
        abort();
}

static void die_with_changed_workers(void *by_initializer)
{
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 2,
        .initializer = by_initializer != NULL ? be_nobody_for_a_moment : NULL});
    CHECK(pool != NULL, "pool_open_with");
    if (by_initializer == NULL)
        CHECK(pool_submit(pool, be_nobody_in_a_task, NULL, 0) == 0, "pool_submit");
    await_idle(pool);
    raise(SIGKILL);
}

/* Workers that had changed their user and back survived the foreman, and ran tasks after
 * pool_close() had returned. */
static void user_changes_and_back(void *unused)
{
    (void)unused;
    static char yes;
    if (geteuid() != 0)
        return; /* needs root */
    run_apart(die_with_changed_workers, &yes, 5);
    run_apart(die_with_changed_workers, NULL, 5);
}

static struct count *first_item_runs, *queue_is_full;

static int crash_on_zero(void *argument, void *result)
{
    *(int *)result = *(int *)argument;
    if (*(int *)argument != 0)
        return 0;
    count_add(first_item_runs, 1);
    count_reaches(queue_is_full, 1, guard(10));
    raise(SIGKILL);
    return 0;
}

/* The map's program waits for its first chunk meanwhile. */
static void *fill_queue(void *pool)
{
    count_reaches(first_item_runs, 1, guard(10));
    while (pool_submit(pool, nothing, NULL, 0) == 0)
        ;
    CHECK(errno == EAGAIN, "pool_submit");
    count_add(queue_is_full, 1);
    return NULL;
}

/* The first worker begins at once. Its successors begin late, so that the queue is still full when
 * the program learns of the crash. */
static int begin_slowly(void *begun)
{
    if (count_add(begun, 1) > 1)
        sleep_for(guard(0.2));
    return 0;
}

/* If the queue was full after a crash, the items after the lost one could not be submitted again,
 * and the whole map failed. */
static void map_in_a_full_queue(void *unused)
{
    (void)unused;
    enum {
        ITEMS = 20
    };
    int inputs[ITEMS], results[ITEMS];
    enum future_status status[ITEMS];
    for (int i = 0; i < ITEMS; i++)
        inputs[i] = i;
    for (int round = 0; round < 5; round++) {
        pthread_t filler;
        first_item_runs = share(sizeof *first_item_runs);
        queue_is_full = share(sizeof *queue_is_full);
        struct pool *pool = pool_open_with(
            &(struct pool_options){.workers = 1,
                                   .waiting = 4,
                                   .initializer = begin_slowly,
                                   .initializer_argument = share(sizeof(struct count))});
        CHECK(pool != NULL, "pool_open_with");
        CHECK(pthread_create(&filler, NULL, fill_queue, pool) == 0);
        struct map_options options = {.chunk = 2, .in_flight = 8, .status = status};
        enum future_status first =
            future_map(pool, crash_on_zero, inputs, ITEMS, sizeof inputs[0], results,
                       sizeof(int), &options);
        CHECK(first == FUTURE_LOST, "future_map: %s", future_status_name(first));
        for (int i = 0; i < ITEMS; i++)
            CHECK(status[i] == (i == 0 ? FUTURE_LOST : FUTURE_OK), "item %d: %s", i,
                  future_status_name(status[i]));
        CHECK(pthread_join(filler, NULL) == 0);
        CHECK(pool_close(pool) == 0, "pool_close");
    }
}

static int count_and_fail(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(first_item_runs, 1);
    return 1;
}

/* Without statuses a map stops at the first failure. But the rest of its chunk was run. */
static void map_stops_in_a_chunk(void *unused)
{
    (void)unused;
    first_item_runs = share(sizeof *first_item_runs);
    struct pool *pool = pool_open(1);
    struct map_options options = {.chunk = 10};
    CHECK(future_map(pool, count_and_fail, NULL, 10, 0, NULL, 0, &options) ==
          FUTURE_FAILED);
    CHECK(count_now(first_item_runs) == 1, "%d items ran", count_now(first_item_runs));
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int wait_for_the_queue(void *argument, void *result)
{
    (void)argument, (void)result;
    count_add(first_item_runs, 1);
    return !count_reaches(queue_is_full, 1, 15);
}

static void *map_of_three(void *pool)
{
    static enum future_status status[3];
    struct map_options options = {.chunk = 1, .in_flight = 3, .status = status};
    future_map(pool, wait_for_the_queue, NULL, 3, 0, NULL, 0, &options);
    return status;
}

/* Another thread closed the pool and dropped what waited. The items that never ran were reported as
 * lost with their worker. */
static void map_beside_a_close(void *unused)
{
    (void)unused;
    pthread_t thread;
    void *result;
    first_item_runs = share(sizeof *first_item_runs);
    queue_is_full = share(sizeof *queue_is_full);
    struct pool *pool = pool_open(1);
    CHECK(pthread_create(&thread, NULL, map_of_three, pool) == 0);
    CHECK(count_reaches(first_item_runs, 1, 10));
    while (pool_waiting(pool) < 2)
        sleep_for(0.001);
    CHECK(pool_close_within(pool, 0.01, POOL_DROP_WAITING) >= 2);
    CHECK(pthread_join(thread, &result) == 0);
    enum future_status *status = result;
    for (int i = 0; i < 3; i++)
        CHECK(status[i] == FUTURE_BROKEN, "item %d: %s", i,
              future_status_name(status[i]));
}

/* A child committed a task that its parent had begun: it ran, and the parent's pool was damaged. */
static void commit_in_a_child(void *unused)
{
    (void)unused;
    struct pool *pool = pool_open(1);
    struct task *task = task_begin(pool, nothing, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(task_commit(task) == -1 && errno == EPERM ? 0 : 1);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "the child committed it");
    CHECK(task_commit(task) == 0 && task_wait(task, guard(10)) == 0);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A process other than the program read the tail from its own, old copy of the pool. */
static void waiting_in_a_child(void *unused)
{
    (void)unused;
    struct door door = new_door();
    struct count *submitted = share(sizeof *submitted);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    pid_t child = fork();
    CHECK(child >= 0, "fork");
    if (child == 0) {
        CHECK(count_reaches(submitted, 1, 20), "waited for the tasks");
        _exit(pool_waiting(pool) == 4 ? 0 : 1);
    }
    for (int i = 0; i < 5; i++)
        publish(pool, NULL, wait_at_gate, &door, sizeof door);
    await_begun(&door, 1);
    count_set(submitted, 1);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0,
          "the child saw another number of waiting tasks than 4");
    count_set(door.gate, 1);
    CHECK(pool_close(pool) == 0, "pool_close");
}

static int do_nothing(void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

/* Returns the processor time, in seconds, for submitting so many pairs behind a long task. In each
 * pair, the first task is freed after the second was submitted, so tasks become loose out of
 * order. */
static double submit_pairs(int pairs)
{
    double nap = 60;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL && pool_submit(pool, rest, &nap, sizeof nap) == 0, "pool_open");
    double start = cpu_seconds();
    for (int i = 0; i < pairs; i++) {
        struct future *future = future_submit(pool, do_nothing, NULL, 0, 0);
        CHECK(future != NULL && pool_submit(pool, nothing, NULL, 0) == 0, "submit");
        future_free(future);
    }
    double seconds = cpu_seconds() - start;
    CHECK(pool_abort(pool) >= 0, "pool_abort");
    return seconds;
}

/* Loose tasks were sorted again each time, so 16 times as many tasks took 200 times as long. */
static void loose_tasks_out_of_order(void *unused)
{
    (void)unused;
    double ratio = 1000;
    for (int tries = 0; tries < 5 && ratio > 64; tries++)
        ratio = submit_pairs(32000) / submit_pairs(2000);
    CHECK(ratio <= 64, "16 times as many tasks took %.0f times as long", ratio);
}

/* Tickets have 44 bits and wrap around. A batch sorted tickets after the wrap before earlier ones,
 * and so waited for the later tasks to start. */
static void tickets_begin_again(void *unused)
{
    (void)unused;
    /* Each of the first two tasks waits at a gate of its own. */
    struct door door[2] = {new_door(), new_door()};
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    await_idle(pool);
    uint64_t almost = TICKET_MASK - 1;
    pool->own.queue.tail = pool->own.queue.head_seen = almost;
    atomic_store(&pool->shared->queue.head, almost);
    atomic_store(&pool->shared->queue.tail, almost);
    struct batch *batch = batch_open(pool);
    CHECK(batch != NULL, "batch_open");
    struct task *task[4];
    for (int i = 0; i < 4; i++)
        task[i] = i < 2 ? publish(pool, batch, wait_at_gate, &door[i], sizeof door[i])
                        : publish(pool, batch, nothing, NULL, 0);
    await_begun(&door[0], 1);
    CHECK(batch_next(batch, 0) == NULL, "a task came out that had not ended");
    count_set(door[0].gate, 1);
    for (int i = 0; i < 4; i++) {
        CHECK(batch_next(batch, guard(10)) == task[i],
              "waited for task %d to come out next", i);
        count_set(door[1].gate, 1); /* only after the first was handed out */
    }
    batch_close(batch);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* ---- Wake-ups ---- */

struct sight {
    struct count began[2];
    struct count met;
};

/* A task's argument: `which` is 0 or 1. */
struct visitor {
    struct sight *sight;
    int which;
};

static void meet(void *argument)
{
    struct visitor *visitor = argument;
    count_set(&visitor->sight->began[visitor->which], 1);
    if (count_reaches(&visitor->sight->began[!visitor->which], 1, 10))
        count_add(&visitor->sight->met, 1);
}

static void submit_visitor(struct pool *pool, struct sight *sight, int which)
{
    struct visitor visitor = {.sight = sight, .which = which};
    CHECK(pool_submit(pool, meet, &visitor, sizeof visitor) == 0, "pool_submit");
}

/* A submit must wake a sleeping worker: the program makes no further check. */
static void submit_wakes(void *unused)
{
    (void)unused;
    struct sight *sight = share(sizeof *sight);
    struct pool *pool = pool_open(2);
    CHECK(pool != NULL, "pool_open");
    await_idle(pool);
    submit_visitor(pool, sight, 0);
    submit_visitor(pool, sight, 1);
    CHECK(count_reaches(&sight->began[0], 1, 10) &&
              count_reaches(&sight->began[1], 1, 10),
          "waited for two workers to wake: one sleeps on");
    CHECK(pool_close(pool) == 0 && count_now(&sight->met) == 2, "they did not meet");
}

/* The end of a task must wake the program: no check does it here. */
static void end_wakes(void *unused)
{
    (void)unused;
    double nap = 0.005;
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    look_no_more(pool);
    for (int i = 0; i < 20; i++) {
        struct task *task = publish(pool, NULL, rest, &nap, sizeof nap);
        double start = seconds_now();
        /* At its timeout the wait checks once more, so only its duration shows a lost wake-up. */
        CHECK(task_wait(task, guard(10)) == 0 && seconds_now() - start < guard(8),
              "waited %.1f s for the end of a task of %g s", seconds_now() - start, nap);
        task_free(task);
    }
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* The first two workers begin at once, later ones when the gate is open. */
static int begin_at_gate(void *argument)
{
    struct door *door = argument;
    if (count_add(door->begun, 1) > 2)
        count_reaches(door->gate, 1, 20);
    return 0;
}

/* A sleeping worker has died, and its successor has not begun: a submit must wake the
 * other worker, not the dead one. */
static void the_dead_do_not_wake(void *unused)
{
    (void)unused;
    struct sight *sight = share(sizeof *sight);
    static struct door door;
    door = new_door();
    struct pool *pool = pool_open_with(&(struct pool_options){
        .workers = 2, .initializer = begin_at_gate, .initializer_argument = &door});
    CHECK(pool != NULL, "pool_open_with");
    await_idle(pool);
    kill(pool_worker(pool, 0), SIGKILL);
    await_begun(&door, 3);
    submit_visitor(pool, sight, 0);
    submit_visitor(pool, sight, 1);
    CHECK(count_reaches(&sight->began[0], 1, 10),
          "waited for the living worker to wake: it sleeps on");
    count_set(door.gate, 1);
    CHECK(count_reaches(&sight->met, 2, 10), "waited for both workers: one sleeps on");
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A task that returns after task_stop() and before its worker is killed is stopped, not done. */
static void stop_is_stop(void *unused)
{
    (void)unused;
    struct sight *sight = share(sizeof *sight);
    struct visitor visitor = {.sight = sight};
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct task *task = publish(pool, NULL, meet, &visitor, sizeof visitor);
    CHECK(count_reaches(&sight->began[0], 1, 10), "waited for the task to begin");
    kill(pool_foreman(pool), SIGSTOP);
    CHECK(task_stop(task) == 0, "task_stop");
    count_set(&sight->began[1], 1);
    CHECK(count_reaches(&sight->met, 1, 10), "waited for the task to return");
    CHECK_FAILS(task_wait(task, 0.1) == -1, ETIMEDOUT);
    kill(pool_foreman(pool), SIGCONT);
    CHECK(task_wait(task, guard(5)) == 0 && task_state(task) == TASK_STOPPED, "state %d",
          (int)task_state(task));
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A task forks a child that returns from the task's function, too. The child went on with the rest
 * of the map's chunk, and wrote its return value to a block that held another task by then. */
static struct {
    _Atomic pid_t pid;
    _Atomic bool may_return;
    _Atomic int began;
} * stray;

static int leave_a_child(void *argument, void *result)
{
    atomic_fetch_add(&stray->began, 1);
    *(int *)result = 1;
    if (*(int *)argument != 0)
        return 0;
    pid_t child = fork();
    if (child > 0)
        atomic_store(&stray->pid, child);
    while (child == 0 && !atomic_load(&stray->may_return))
        sleep_for(0.001);
    return child == 0 ? 7 : 0;
}

static void await_stray(void)
{
    pid_t pid = atomic_load(&stray->pid);
    CHECK(pid > 0, "no child was forked");
    atomic_store(&stray->may_return, true);
    while (process_state(pid) != 0 && process_state(pid) != 'Z')
        sleep_for(0.001);
}

static void stray_child_of_a_future(void *unused)
{
    (void)unused;
    stray = share(sizeof *stray);
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    struct future *future[2];
    for (int i = 0; i < 2; i++) {
        future[i] = future_submit(pool, leave_a_child, &i, sizeof i, sizeof(int));
        CHECK(future[i] != NULL && future_result(future[i], guard(5), NULL) == FUTURE_OK,
              "future %d", i);
        if (i == 0)
            future_free(future[i]);
    }
    CHECK(future[0] == future[1], "the second has another block");
    await_stray();
    CHECK(future_status(future[1]) == FUTURE_OK, "the second: %s, returned %d",
          future_status_name(future_status(future[1])), future_returned(future[1]));
    CHECK(pool_close(pool) == 0, "pool_close");
}

static void stray_child_of_a_map(void *unused)
{
    (void)unused;
    stray = share(sizeof *stray);
    int inputs[8] = {0, 1, 2, 3, 4, 5, 6, 7}, results[8];
    enum future_status ends[8]; /* with these, a map goes on after a failure */
    struct pool *pool = pool_open(1);
    CHECK(pool != NULL, "pool_open");
    enum future_status status =
        future_map(pool, leave_a_child, inputs, 8, sizeof(int), results, sizeof(int),
                   &(struct map_options){.chunk = 8, .status = ends});
    CHECK(status == FUTURE_OK && atomic_load(&stray->began) == 8, "future_map: %s, %d",
          future_status_name(status), atomic_load(&stray->began));
    await_stray();
    CHECK(atomic_load(&stray->began) == 8, "%d items began", atomic_load(&stray->began));
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* ---- The foreman dies while a worker is about to ask to be killed with it ---- */

static struct {
    _Atomic pid_t foreman;
    struct count opened;
} * birth;

/* Takes the place of the C library's function. The first worker that calls it stores the foreman's
 * process id; each worker waits here until that process is no longer its parent. A worker that
 * calls it after the foreman's death already has another parent, and does not wait. */
int prctl(int option, ...)
{
    va_list arguments;
    va_start(arguments, option);
    unsigned long argument = va_arg(arguments, unsigned long);
    va_end(arguments);
    if (birth != NULL && option == PR_SET_PDEATHSIG && (int)argument == SIGKILL) {
        pid_t none = 0;
        atomic_compare_exchange_strong(&birth->foreman, &none, getppid());
        while (getppid() == atomic_load(&birth->foreman))
            sleep_for(0.001);
    }
    return (int)syscall(SYS_prctl, option, argument, 0L, 0L, 0L);
}

static bool has_ended_or_sleeps(struct pool *pool, int worker)
{
    char state = process_state(pool_worker(pool, worker));
    return state == 0 || state == 'Z' ||
           (atomic_load(&pool->shared->idle[0]) >> worker & 1) != 0;
}

static void foreman_dies_first(void *unused)
{
    (void)unused;
    birth = share(sizeof *birth);
    pid_t killer = fork();
    CHECK(killer >= 0, "fork");
    if (killer == 0) {
        count_reaches(&birth->opened, 1, 20);
        while (atomic_load(&birth->foreman) == 0)
            sleep_for(0.001);
        _exit(kill(atomic_load(&birth->foreman), SIGKILL));
    }
    struct pool *pool = pool_open(2); /* returns before the workers have begun */
    CHECK(pool != NULL, "pool_open");
    count_add(&birth->opened, 1);
    /* If the program closed the pool, or found it broken, that would end a worker that is awake.
     * */
    while (!has_ended_or_sleeps(pool, 0) || !has_ended_or_sleeps(pool, 1))
        sleep_for(0.001);
    CHECK(waitpid(killer, NULL, 0) == killer, "waitpid");
}

static const struct stress_case cases[] = {
    {"batch_many_running", batch_many_running},
    {"batch_one_long", batch_one_long},
    {"initializer_crashes_1", initializer_crashes_1},
    {"initializer_crashes_8", initializer_crashes_8},
    {"limit_tiny", limit_tiny},
    {"cancel_makes_room", cancel_makes_room},
    {"ring_is_new", ring_is_new},
    {"lost_results_cost_nothing", lost_results_cost_nothing},
    {"asked_by_a_child", asked_by_a_child},
    {"only_asks", only_asks},
    {"initializer_changes_user", initializer_changes_user},
    {"user_changes_and_back", user_changes_and_back},
    {"map_in_a_full_queue", map_in_a_full_queue},
    {"map_stops_in_a_chunk", map_stops_in_a_chunk},
    {"map_beside_a_close", map_beside_a_close},
    {"commit_in_a_child", commit_in_a_child},
    {"waiting_in_a_child", waiting_in_a_child},
    {"loose_tasks_out_of_order", loose_tasks_out_of_order},
    {"tickets_begin_again", tickets_begin_again},
    {"submit_wakes", submit_wakes},
    {"end_wakes", end_wakes},
    {"the_dead_do_not_wake", the_dead_do_not_wake},
    {"stop_is_stop", stop_is_stop},
    {"stray_child_of_a_future", stray_child_of_a_future},
    {"stray_child_of_a_map", stray_child_of_a_map},
    {"foreman_dies_first", foreman_dies_first},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
