/*
 * cancelled.c: a cancelled task takes no room in the queue, is not counted as waiting, costs a
 * constant, and is handed out at once. A batch hands out tasks in the order in which they ended,
 * whether or not the program had asked for their states before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "future.h"
#include "shared.h"
#include "stress.h"

#define SOON 10

static void nothing(void *unused)
{
    (void)unused;
}

/* A task that counts its beginning, then waits until the gate is open. */
struct door {
    struct count begun, gate;
};

static void wait_at_gate(void *argument)
{
    struct door *door = *(struct door **)argument;
    count_add(&door->begun, 1);
    CHECK(count_reaches(&door->gate, 1, 60), "the gate was never opened");
}

static int future_at_gate(void *argument, void *result)
{
    (void)result;
    wait_at_gate(argument);
    return 0;
}

static int do_nothing(void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

static struct task *publish(struct pool *pool, task_function *function)
{
    struct task *task = task_new(pool, function, 0);
    CHECK(task != NULL && task_publish(task) == 0, "a task is refused");
    return task;
}

/* A pool whose one worker is held until the gate is opened. */
struct held {
    struct pool *pool;
    struct door *door;
};

static struct held hold(size_t waiting)
{
    struct held held = {.door = share(sizeof *held.door)};
    held.pool = pool_open_with(&(struct pool_options){.workers = 1, .waiting = waiting});
    CHECK(held.pool != NULL, "pool_open_with");
    CHECK(pool_submit(held.pool, wait_at_gate, &held.door, sizeof held.door) == 0,
          "pool_submit");
    CHECK(count_reaches(&held.door->begun, 1, SOON), "the first task never began");
    return held;
}

static void release(struct held held)
{
    count_set(&held.door->gate, 1);
    CHECK(pool_close(held.pool) == 0, "pool_close");
}

static void cancel_and_free(struct task *task)
{
    CHECK(task_cancel(task) == 0 && task_free(task) == 0, "cancel and free");
}

/* ---- Room ---- */

/* The cancelled tasks are behind a waiting one, so the head of the queue does not move. */
static void room_behind_a_waiting_task(void *unused)
{
    (void)unused;
    struct held held = hold(4);
    struct task *first = publish(held.pool, nothing);
    size_t before = held.pool->arena.used;
    for (int i = 0; i < 20000; i++) {
        struct task *task[3];
        for (int k = 0; k < 3; k++)
            task[k] = publish(held.pool, nothing);
        CHECK(pool_waiting(held.pool) == 4, "%zu tasks wait, not 4",
              pool_waiting(held.pool));
        struct task *more = task_new(held.pool, nothing, 0);
        CHECK_FAILS(task_publish(more) != 0, EAGAIN);
        task_free(more);
        for (int k = 0; k < 3; k++)
            cancel_and_free(task[(i + k) % 3]);
        CHECK(pool_waiting(held.pool) == 1, "%zu tasks wait, not 1",
              pool_waiting(held.pool));
    }
    size_t grown = held.pool->arena.used - before;
    CHECK(grown < 100000, "60,000 cancelled tasks left %zu bytes", grown);
    count_set(&held.door->gate, 1);
    CHECK(task_wait(first, guard(SOON)) == 0, "the task in front never ran");
    release(held);
}

/* ---- Order, while the waiting tasks get other tickets ---- */

struct entry {
    _Atomic unsigned *next;
    unsigned place; /* in the order of submission; UINT32_MAX: it will be cancelled */
    _Atomic unsigned *ran_wrongly;
};

static void note_place(void *argument)
{
    struct entry *entry = argument;
    if (entry->place == UINT32_MAX || *entry->next != entry->place)
        atomic_fetch_add(entry->ran_wrongly, 1);
    *entry->next += 1;
}

struct seen {
    _Atomic unsigned next, wrong;
};

static struct task *publish_place(struct pool *pool, struct seen *seen, unsigned place)
{
    struct task *task = task_new(pool, note_place, sizeof(struct entry));
    CHECK(task != NULL, "task_new");
    *(struct entry *)task_argument(task) =
        (struct entry){.next = &seen->next, .place = place, .ran_wrongly = &seen->wrong};
    CHECK(task_publish(task) == 0, "task_publish");
    return task;
}

/* Most tasks are cancelled, so the others are renumbered again and again. The only worker must run
 * the others in the order in which they were submitted. */
static void order_is_kept_when_renumbered(void *unused)
{
    (void)unused;
    enum {
        STAY = 20000
    };
    struct seen *seen = share(sizeof *seen); /* before the pool is opened */
    struct held held = hold(0);
    struct batch *batch = batch_open(held.pool);
    static struct task *task[STAY];
    unsigned seed = 1;
    for (unsigned i = 0; i < STAY; i++) {
        if (i == STAY / 2)
            count_set(&held.door->gate,
                      1); /* from here on, the worker takes tasks from the front */
        struct task *gone[8];
        int many = rand_r(&seed) % 8;
        for (int k = 0; k < many; k++)
            gone[k] = publish(held.pool, nothing);
        task[i] = publish_place(held.pool, seen, i);
        CHECK(batch_add(batch, task[i]) == 0, "batch_add");
        for (int k = 0; k < many; k++)
            if (task_cancel(gone[k]) == 0)
                CHECK(task_free(gone[k]) == 0, "task_free");
    }
    uint64_t renumbered = held.pool->own.queue.renumbered;
    CHECK(renumbered > 0, "the tasks were never renumbered: nothing was tested");
    for (unsigned i = 0; i < STAY; i++) {
        struct task *next = batch_next(batch, guard(60));
        CHECK(next == task[i], "task %u came out of turn", i);
        CHECK(task_state(next) == TASK_DONE, "task %u was not done", i);
    }
    CHECK(seen->next == STAY && seen->wrong == 0, "%u tasks ran out of turn",
          (unsigned)seen->wrong);
    batch_close(batch);
    CHECK(pool_close(held.pool) == 0, "pool_close");
}

/* With several workers: each task runs once or is cancelled once. */
static void exactly_once_when_renumbered(void *unused)
{
    (void)unused;
    enum {
        ROUNDS = 200,
        TASKS = 700
    };
    struct seen *seen = share(sizeof *seen);
    struct pool *pool = pool_open(3);
    CHECK(pool != NULL, "pool_open");
    static struct task *task[TASKS];
    unsigned seed = 2, ran = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < TASKS; i++)
            task[i] = publish_place(pool, seen, 0);
        for (int i = 0; i < TASKS; i++) {
            int at = i + rand_r(&seed) % (TASKS - i);
            struct task *some = task[at];
            task[at] = task[i];
            task[i] = NULL;
            if (task_cancel(some) != 0) {
                CHECK(task_wait(some, guard(SOON)) == 0, "a task never ends");
                CHECK(task_state(some) == TASK_DONE, "a task is in state %d, status %x",
                      (int)task_state(some), (unsigned)task_worker_status(some));
                ran++;
            }
            CHECK(task_free(some) == 0, "task_free");
        }
    }
    CHECK(pool_waiting(pool) == 0, "%zu tasks wait", pool_waiting(pool));
    CHECK(pool_close(pool) == 0, "pool_close");
    CHECK(ran > 0, "all were cancelled: nothing was tested");
}

/* ---- In the order of the ends ---- */

enum {
    MANY = 60
};

struct ends {
    struct pool *pool;
    struct door *door[MANY];
    struct task *task[MANY];
    struct task *expected[MANY];
    int ended;
};

static void open_door(struct ends *ends, int i)
{
    count_set(&ends->door[i]->gate, 1);
    CHECK(task_wait(ends->task[i], guard(SOON)) == 0, "task %d never ends", i);
    ends->expected[ends->ended++] = ends->task[i];
}

static void cancel_one(struct ends *ends, int i)
{
    CHECK(task_cancel(ends->task[i]) == 0, "task %d is not cancelled", i);
    ends->expected[ends->ended++] = ends->task[i];
}

/* A third of the tasks run, each behind a gate of its own; the rest wait and are cancelled. They
 * end in a mixed order, `before` of them before the tasks are added to the batch. */
static void mixed_ends(int before)
{
    struct door *door = share(MANY * sizeof *door);
    struct door *closed = share(sizeof *closed);
    struct ends ends = {.pool = pool_open(MANY / 3)};
    CHECK(ends.pool != NULL, "pool_open");
    for (int i = 0; i < MANY; i++) {
        /* Between the running and the waiting tasks: work for the workers whose task has ended. */
        for (int k = 0; i == MANY / 3 && k < MANY / 3; k++)
            CHECK(pool_submit(ends.pool, wait_at_gate, &closed, sizeof closed) == 0,
                  "pool_submit");
        ends.door[i] = door + i;
        ends.task[i] = task_new(ends.pool, wait_at_gate, sizeof(struct door *));
        CHECK(ends.task[i] != NULL, "task_new");
        memcpy(task_argument(ends.task[i]), &ends.door[i], sizeof(struct door *));
        CHECK(task_publish(ends.task[i]) == 0, "task_publish");
    }
    for (int i = 0; i < MANY / 3; i++)
        CHECK(count_reaches(&door[i].begun, 1, SOON), "task %d never began", i);
    struct batch *batch = batch_open(ends.pool);
    for (int k = 0; k <= MANY; k++) {
        if (k == before)
            for (int i = MANY; i-- > 0;)
                CHECK(batch_add(batch, ends.task[i]) == 0, "batch_add");
        if (k == MANY)
            break;
        /* Cancel from the back; every third time, end a running one instead. */
        if (k % 3 == 2)
            open_door(&ends, (k / 3 * 7 + 3) % (MANY / 3));
        else
            cancel_one(&ends, MANY - 1 - (k - k / 3));
    }
    CHECK(batch_size(batch) == MANY, "%zu tasks in the batch, not %d", batch_size(batch),
          MANY);
    for (int k = 0; k < MANY; k++)
        CHECK(batch_next(batch, 0) == ends.expected[k],
              "%d ends before the tasks were added: number %d is out of turn", before, k);
    CHECK_FAILS(batch_next(batch, 0) == NULL, ENOENT);
    CHECK(pool_abort(ends.pool) >= 0, "pool_abort");
}

static void in_the_order_of_the_ends(void *unused)
{
    (void)unused;
    for (int before = 0; before <= MANY; before += 20)
        mixed_ends(before);
}

/* A cancelled task is handed out by the next batch_next(), whatever waits before it. */
static void cancelled_come_out_at_once(void *unused)
{
    (void)unused;
    struct held held = hold(0);
    struct batch *batch = batch_open(held.pool), *other = batch_open(held.pool);
    struct task *task[4];
    for (int i = 0; i < 4; i++)
        task[i] = publish(held.pool, nothing);
    CHECK(batch_add(batch, task[0]) == 0 && batch_add(batch, task[1]) == 0, "batch_add");
    CHECK_FAILS(batch_next(batch, 0) == NULL, ETIMEDOUT);
    CHECK(task_cancel(task[1]) == 0 && batch_next(batch, 0) == task[1],
          "cancelled later");
    CHECK(task_cancel(task[2]) == 0 && batch_add(batch, task[2]) == 0, "batch_add");
    CHECK(batch_next(batch, 0) == task[2], "cancelled before it was added");
    CHECK(batch_add(batch, task[3]) == 0 && batch_add(other, task[3]) == 0, "batch_add");
    CHECK(task_cancel(task[3]) == 0, "task_cancel");
    CHECK(batch_next(batch, 0) == task[3], "cancelled in two batches: the first");
    CHECK(batch_next(other, 0) == task[3], "cancelled in two batches: the second");
    CHECK(batch_size(batch) == 1 && batch_size(other) == 0, "the sizes");
    batch_close(other);
    release(held);
}

/* More batches than a task's word has numbers for. */
static void many_batches(void *unused)
{
    (void)unused;
    enum {
        BATCHES = 5000
    };
    struct held held = hold(0);
    static struct batch *batch[BATCHES];
    static struct task *task[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
        batch[i] = batch_open(held.pool);
        task[i] = publish(held.pool, nothing);
        CHECK(batch[i] != NULL && batch_add(batch[i], task[i]) == 0, "batch %d", i);
    }
    for (int i = 0; i < BATCHES; i += 97)
        CHECK(task_cancel(task[i]) == 0, "task_cancel");
    for (int i = 0; i < BATCHES; i++)
        CHECK(batch_next(batch[i], 0) == (i % 97 == 0 ? task[i] : NULL), "batch %d", i);
    for (int i = 0; i < BATCHES; i += 2)
        batch_close(batch[i]);
    for (int i = 0; i < BATCHES; i += 2) {
        batch[i] = batch_open(held.pool);
        CHECK(batch_add(batch[i], task[(i + 2) % BATCHES]) == 0, "batch_add");
    }
    CHECK(task_cancel(task[2]) == 0 && batch_next(batch[0], 0) == task[2], "again");
    release(held);
}

/* ---- A future twice in a set ---- */

static void comes_out_once(struct pool *pool, struct future **future, size_t count)
{
    struct completions *completions = completions_open(future, count);
    CHECK(completions != NULL, "completions_open");
    size_t out = 0;
    while (completions_next(completions, guard(SOON)) != NULL)
        out++;
    CHECK(errno == ENOENT && out == 2, "%zu came out of 2 futures", out);
    completions_close(completions);
    CHECK(pool_close(pool) == 0, "pool_close");
}

/* A set holds the first of two futures twice, while the two wait, run, or have ended. */
static void twice_in_a_set(void *unused)
{
    (void)unused;
    struct door *door = share(sizeof *door);
    for (int state = 0; state < 4; state++) {
        struct pool *pool = pool_open(1);
        struct future *one, *two;
        count_set(&door->gate, state == 1 || state == 2);
        one = future_submit(pool, future_at_gate, &door, sizeof door, 0);
        two = future_submit(pool, do_nothing, NULL, 0, 0);
        CHECK(one != NULL && two != NULL, "future_submit");
        if (state == 0) /* the first runs */
            CHECK(count_reaches(&door->begun, 1, SOON), "never began");
        if (state == 2) /* both have ended */
            CHECK(future_wait_all((struct future *[]){one, two}, 2, guard(SOON)) ==
                      FUTURE_OK,
                  "never end");
        if (state == 3) /* the second is cancelled, the first has ended or runs */
            future_cancel(two);
        struct future *set[] = {one, two, one, two, two, one};
        struct completions *completions = completions_open(set, 6);
        completions_close(completions);
        if (state == 0 || state == 3)
            CHECK(future_wait_first(set, 6, 0) >= -1, "future_wait_first");
        door->gate.value = 0;
        count_set(&door->gate, 1);
        comes_out_once(pool, set, 6);
        *door = (struct door){.begun = {0}};
    }
}

/* ---- What it costs ---- */

static double cancel_from_the_back(int tasks)
{
    struct held held = hold(0);
    struct batch *batch = batch_open(held.pool);
    struct task **task = calloc((size_t)tasks, sizeof(struct task *));
    CHECK(task != NULL, "calloc");
    for (int i = 0; i < tasks; i++) {
        CHECK(pool_submit(held.pool, nothing, NULL, 0) == 0, "pool_submit");
        task[i] = publish(held.pool, nothing);
        CHECK(batch_add(batch, task[i]) == 0, "batch_add");
    }
    double start = cpu_seconds();
    for (int i = tasks; i-- > 0;) {
        CHECK(task_cancel(task[i]) == 0, "task_cancel");
        CHECK(batch_next(batch, 0) == task[i] && task_free(task[i]) == 0, "task %d", i);
    }
    double took = cpu_seconds() - start;
    free(task);
    CHECK(pool_abort(held.pool) >= 0, "pool_abort");
    return took;
}

static void constant_cost(void *unused)
{
    (void)unused;
    double ratio = 1000;
    for (int tries = 0; tries < 5 && ratio > 64; tries++)
        ratio = cancel_from_the_back(64000) / cancel_from_the_back(4000);
    CHECK(ratio <= 64, "16 times as many tasks took %.0f times as long", ratio);
}

static long resident_anonymous(void)
{
    char line[200];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    CHECK(file != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "RssAnon: %ld", &kib) == 1)
            break;
    fclose(file);
    return kib;
}

/* Batches that are open when the pool is closed are freed with it. */
static void batches_left_open(void *unused)
{
    (void)unused;
    long before = 0;
    if (getenv("NO_LIMITS") != NULL)
        return; /* a sanitizer delays the reuse of freed memory */
    for (int round = 0; round < 120; round++) {
        struct pool *pool = pool_open(1);
        for (int batches = 0; batches < 3; batches++) {
            struct batch *batch = batch_open(pool);
            for (int i = 0; i < 1000; i++)
                CHECK(batch_add(batch, publish(pool, nothing)) == 0, "batch_add");
        }
        CHECK(pool_abort(pool) >= 0, "pool_abort");
        if (round == 20)
            before = resident_anonymous();
    }
    long grown = resident_anonymous() - before;
    CHECK(grown < 1000, "100 pools left %ld KiB", grown);
}

/* A cancelled task keeps its old ticket when the others are renumbered. A task that is added to
 * the batch after that must still be sorted by its new ticket. */
static void added_when_renumbered(void *unused)
{
    struct door *second = share(sizeof *second);
    struct held held = hold(10000);
    struct batch *batch = batch_open(held.pool);
    CHECK(batch != NULL, "batch_open");
    struct task *early = publish(held.pool, nothing);
    CHECK(pool_submit(held.pool, wait_at_gate, &second, sizeof second) == 0,
          "pool_submit");
    struct task *task[3];
    for (int i = 0; i < 3; i++) {
        task[i] = publish(held.pool, nothing);
        CHECK(batch_add(batch, task[i]) == 0, "batch_add");
    }
    CHECK(task_cancel(task[1]) == 0, "task_cancel");
    for (int i = 0; i < 3000; i++)
        cancel_and_free(publish(held.pool, nothing));
    CHECK(batch_add(batch, early) == 0, "batch_add");
    CHECK(batch_next(batch, SOON) == task[1], "the cancelled one comes first");
    count_set(&held.door->gate, 1);
    CHECK(count_reaches(&second->begun, 1, SOON), "the second gate was not reached");
    CHECK(batch_next(batch, 0) == early, "a task ended, and the batch does not say so");
    count_set(&second->gate, 1);
    CHECK(batch_next(batch, SOON) == task[0] && batch_next(batch, SOON) == task[2],
          "the others");
    batch_close(batch);
    release(held);
    (void)unused;
}

/* No limit for waiting tasks, and a hole in the queue: the ring grows no more than without it. */
static void unlimited_with_a_hole(void *unused)
{
    (void)unused;
    struct held held = {.door = share(sizeof *held.door)};
    held.pool = pool_open_with(&(struct pool_options){.workers = 1, .waiting = SIZE_MAX});
    CHECK(held.pool != NULL, "pool_open_with");
    CHECK(pool_submit(held.pool, wait_at_gate, &held.door, sizeof held.door) == 0);
    struct task *task = publish(held.pool, nothing);
    publish(held.pool, nothing);
    CHECK(task_cancel(task) == 0, "task_cancel");
    for (int i = 0; i < 20; i++)
        publish(held.pool, nothing);
    size_t entries = (size_t)held.pool->own.queue.ring->mask + 1;
    CHECK(entries <= 1024, "%zu entries for 23 tasks", entries);
    release(held);
}

static const struct stress_case cases[] = {
    {"room_behind_a_waiting_task", room_behind_a_waiting_task},
    {"order_is_kept_when_renumbered", order_is_kept_when_renumbered},
    {"exactly_once_when_renumbered", exactly_once_when_renumbered},
    {"in_the_order_of_the_ends", in_the_order_of_the_ends},
    {"cancelled_come_out_at_once", cancelled_come_out_at_once},
    {"many_batches", many_batches},
    {"twice_in_a_set", twice_in_a_set},
    {"added_when_renumbered", added_when_renumbered},
    {"constant_cost", constant_cost},
    {"batches_left_open", batches_left_open},
    {"unlimited_with_a_hole", unlimited_with_a_hole},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
