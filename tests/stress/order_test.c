/*
 * order_test.c: the order of ends without a pool, in one process: whenever tasks start and end
 * while a batch looks at them, the batch hands them out in the order of their ends.
 *
 *     build/tests/stress/order_test [NAME...]
 *
 * Workers are simulated. They go on only right after the batch has looked at a task, by as many
 * starts and ends as there may be; order_test runs every such sequence, one after the other. To be
 * called at each look, it has order.c as a part of itself, not the one that is linked elsewhere.
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
    int next;               /* the first task that no worker has looked at */
    int ended;              /* how many have */
    int runs[MOST_WORKERS]; /* the number of the task, or -1 */
    bool workers_may;       /* go on */
    bool added[MOST_TASKS], out[MOST_TASKS];
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

static void add(struct order *order, int number)
{
    CHECK(order_add(order, &world.task[number]) == 0, "order_add");
    world.added[number] = true;
}

/* The program adds one of the first tasks, which were left out, or none; if it must, one. */
static void adds_one(struct order *order, int late, bool must)
{
    int number[MOST_TASKS], count = 0;
    for (int i = 0; i < late; i++)
        if (!world.added[i])
            number[count++] = i;
    int choice = count > 0 ? choose(count + !must) : 0;
    if (choice < count)
        add(order, number[choice]);
}

/* None of the order has ended before this task, and is still there. */
static void check_first(const struct task *task)
{
    for (int i = 0; i < world.tasks; i++)
        CHECK(!world.added[i] || world.out[i] || world.task[i].ended == 0 ||
                  world.task[i].ended >= task->ended,
              "number %d to end came out before number %d", (int)task->ended,
              (int)world.task[i].ended);
}

struct plan {
    int tasks, workers;
    int cancelled; /* so many of the waiting tasks are cancelled at some time */
    int late;      /* so many, the first ones, are added at some time */
};

static void run_once(const struct plan *plan, struct pool *pool)
{
    struct order order;
    int cancelled = 0, left = plan->tasks, worker[MOST_WORKERS];
    world = (struct world){
        .tasks = plan->tasks, .workers = plan->workers, .runs = {-1, -1, -1}};
    CHECK(order_init(&order, pool) == 0, "order_init");
    for (int i = 0; i < plan->tasks; i++) {
        world.task[i].pool = pool;
        atomic_store(&world.task[i].word, word_make((uint64_t)i, TASK_WAITING));
    }
    for (int i = plan->late; i < plan->tasks; i++)
        add(&order, i);
    world.workers_may = true;
    while (left > 0) {
        adds_one(&order, plan->late, able(worker) == 0 && order_size(&order) == 0);
        if (cancelled < plan->cancelled && cancels_one())
            cancelled++;
        struct task *task = order_take_ended(&order);
        if (task == NULL) {
            workers_go_on(true);
            continue;
        }
        check_first(task);
        world.out[task - world.task] = true;
        left--;
    }
    world.workers_may = false;
    CHECK(order_size(&order) == 0, "%zu tasks remain", order_size(&order));
    order_free(&order);
}

static void every_sequence(struct plan plan)
{
    static struct pool pool;
    pool.generation = process_number();
    long runs = 0;
    do {
        run_once(&plan, &pool);
        runs++;
    } while (next_sequence());
    free(pool.own.orders.order);
    pool.own.orders = (struct order_list){0};
    printf("%d tasks, %d workers, %d cancelled, %d added late: %ld sequences\n",
           plan.tasks, plan.workers, plan.cancelled, plan.late, runs);
    CHECK(runs >= 1000, "only %ld sequences", runs);
}

static void one_worker(void *unused)
{
    (void)unused;
    every_sequence((struct plan){.tasks = 4, .workers = 1});
}

static void two_workers(void *unused)
{
    (void)unused;
    every_sequence((struct plan){.tasks = 4, .workers = 2});
}

static void three_workers(void *unused)
{
    (void)unused;
    every_sequence((struct plan){.tasks = 3, .workers = 3});
}

static void one_is_cancelled(void *unused)
{
    (void)unused;
    every_sequence((struct plan){.tasks = 3, .workers = 2, .cancelled = 1});
}

static void some_are_added_late(void *unused)
{
    (void)unused;
    every_sequence((struct plan){.tasks = 3, .workers = 1, .late = 2});
    every_sequence((struct plan){.tasks = 3, .workers = 2, .late = 1});
}

static const struct stress_case cases[] = {
    {"one_worker", one_worker},
    {"two_workers", two_workers},
    {"three_workers", three_workers},
    {"one_is_cancelled", one_is_cancelled},
    {"some_are_added_late", some_are_added_late},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
