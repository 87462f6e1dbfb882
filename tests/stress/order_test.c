/*
 * order_test.c: the order of ends without a pool, in one process: whenever tasks start and end while
 * a batch looks at them, the batch hands them out in the order of their ends.
 *
 *     build/tests/stress/order_test [NAME...]
 *
 * Workers are simulated. They go on only right after the batch has looked at a task, by as many
 * starts and ends as there may be; order_test runs every such sequence, one after the other. To be
 * called at each look, it has order.c as a part of itself, and not the one that is linked elsewhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pause.h"
#include "process.h"
#include "stress.h"

static uint64_t looked_at(struct task *task);
#define task_word looked_at
#include "order.c" /* NOLINT(bugprone-suspicious-include) */

#define MOST_TASKS   5
#define MOST_WORKERS 3
#define MOST_CHOICES 200

static struct world {
    int tasks, workers;
    struct task task[MOST_TASKS];
    int next,
        ended; /* the first task that no worker has looked at; how many have ended */
    int runs[MOST_WORKERS]; /* the number of the task, or -1 */
    bool workers_may;       /* go on */
} world;

/* ---- Every sequence of choices ---- */

/* choice[i] of options[i] in this run; in the next one, the last choice that can be is another. */
static struct {
    int choice[MOST_CHOICES], options[MOST_CHOICES], count, next;
} choices;

static int choose(int options)
{
    CHECK(choices.next < MOST_CHOICES, "too many choices");
    if (choices.next == choices.count) {
        choices.choice[choices.count] = 0;
        choices.options[choices.count++] = options;
    }
    CHECK(choices.options[choices.next] == options, "the same choices lead elsewhere");
    return choices.choice[choices.next++];
}

/* False: that was the last sequence. */
static bool next_sequence(void)
{
    choices.next = 0;
    while (choices.count > 0) {
        int last = choices.count - 1;
        if (++choices.choice[last] < choices.options[last])
            return true;
        choices.count--;
    }
    return false;
}

/* ---- Workers ---- */

static enum task_state state(int number)
{
    return word_state(atomic_load(&world.task[number].word));
}

static void end(int number, enum task_state how)
{
    struct task *task = &world.task[number];
    task->ended = ++world.ended;
    atomic_store(&task->word, word_to(atomic_load(&task->word), how));
}

/* The task that starts next, or world.tasks. They start in order. */
static int next_to_start(void)
{
    while (world.next < world.tasks && state(world.next) != TASK_WAITING)
        world.next++;
    return world.next;
}

/* Which workers can start or end a task; of those that are idle, the first is enough. */
static int able(int worker[MOST_WORKERS])
{
    int count = 0;
    bool idle = false;
    for (int i = 0; i < world.workers; i++)
        if (world.runs[i] >= 0) {
            worker[count++] = i;
        } else if (!idle && next_to_start() < world.tasks) {
            worker[count++] = i;
            idle = true;
        }
    return count;
}

static void go_on(int worker)
{
    int *runs = &world.runs[worker];
    if (*runs < 0) {
        *runs = world.next++;
        _Atomic uint64_t *word = &world.task[*runs].word;
        atomic_store(word, word_run_by(atomic_load(word), (unsigned)worker));
    } else {
        end(*runs, TASK_DONE);
        *runs = -1;
    }
}

/* Some workers go on, or none does; if they must, at least one. */
static void workers_go_on(bool must)
{
    int worker[MOST_WORKERS], count;
    while ((count = able(worker)) > 0) {
        int choice = choose(count + !must);
        if (choice == count)
            return;
        go_on(worker[choice]);
        must = false;
    }
}

static uint64_t looked_at(struct task *task)
{
    uint64_t word = atomic_load(&task->word);
    if (world.workers_may)
        workers_go_on(false);
    return word;
}

/* ---- The cases ---- */

/* The program cancels one of the waiting tasks, or none. */
static bool cancels_one(void)
{
    int first = next_to_start();
    int choice = choose(world.tasks - first + 1);
    if (choice == 0)
        return false;
    int number = first + choice - 1;
    end(number, TASK_CANCELLED);
    order_note_cancelled(&world.task[number], atomic_load(&world.task[number].word));
    return true;
}

static void run_once(int tasks, int workers, int cancels, struct pool *pool)
{
    struct order order;
    world = (struct world){.tasks = tasks, .workers = workers, .runs = {-1, -1, -1}};
    CHECK(order_init(&order, pool) == 0, "order_init");
    for (int i = 0; i < tasks; i++) {
        world.task[i].pool = pool;
        atomic_store(&world.task[i].word, word_make((uint64_t)i, TASK_WAITING));
        CHECK(order_add(&order, &world.task[i]) == 0, "order_add");
    }
    world.workers_may = true;
    for (int i = 1; i <= tasks;) {
        if (cancels > 0 && cancels_one())
            cancels--;
        struct task *task = order_take_ended(&order);
        if (task == NULL) {
            workers_go_on(true);
            continue;
        }
        CHECK(task->ended == i, "the task that ended as number %d came out as number %d",
              (int)task->ended, i);
        i++;
    }
    world.workers_may = false;
    CHECK(order_size(&order) == 0, "%zu tasks remain", order_size(&order));
    order_free(&order);
}

static void every_sequence(int tasks, int workers, int cancels, long at_least)
{
    static struct pool pool;
    pool.generation = process_number();
    long runs = 0;
    do {
        run_once(tasks, workers, cancels, &pool);
        runs++;
    } while (next_sequence());
    free(pool.own.orders.order);
    printf("%d tasks, %d workers, %d cancelled: %ld sequences\n", tasks, workers, cancels,
           runs);
    CHECK(runs >= at_least, "only %ld sequences", runs);
}

static void one_worker(void *unused)
{
    (void)unused;
    every_sequence(4, 1, 0, 1000);
}

static void two_workers(void *unused)
{
    (void)unused;
    every_sequence(4, 2, 0, 1000);
}

static void three_workers(void *unused)
{
    (void)unused;
    every_sequence(3, 3, 0, 1000);
}

static void one_is_cancelled(void *unused)
{
    (void)unused;
    every_sequence(3, 2, 1, 1000);
}

static const struct stress_case cases[] = {
    {"one_worker", one_worker},
    {"two_workers", two_workers},
    {"three_workers", three_workers},
    {"one_is_cancelled", one_is_cancelled},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
