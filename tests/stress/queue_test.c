/*
 * queue_test.c: the queue without a pool, in one process: each function does what queue.h says.
 * For what several processes can do at the same time, see tests/model/explore_queue.c.
 *
 *     build/tests/stress/queue_test [NAME...]
 */
#include <string.h>

#include "queue.h"
#include "stress.h"

#define LIMIT                                                                            \
    5000 /* waiting tasks: the first ring has 1024 entries, so it grows three times */

static struct bench {
    struct queue queue;
    struct queue_writer writer;
    struct queue_view view;
    struct arena arena;
    _Atomic(struct task *) claim;
} bench;

static void open_queue(void)
{
    memset(&bench, 0, sizeof bench);
    CHECK(arena_open(&bench.arena, (size_t)1 << 26) == 0, "arena_open");
    CHECK(queue_open(&bench.queue, &bench.writer, &bench.arena, LIMIT) == 0,
          "queue_open");
    CHECK(queue_is_empty(&bench.queue) && queue_length(&bench.queue) == 0, "not empty");
}

static struct task *new_task(void)
{
    struct task *task = arena_get(&bench.arena, ARENA_SMALLEST);
    CHECK(task != NULL, "arena_get");
    atomic_store(&task->word, word_make(0, TASK_NEW));
    return task;
}

/* Returns the task's ticket, or -1 and errno. */
static int64_t put(struct task *task)
{
    if (!queue_has_room(&bench.queue, &bench.writer) &&
        queue_make_room(&bench.queue, &bench.writer, &bench.arena) != 0)
        return -1;
    queue_put(&bench.queue, &bench.writer, task, 0);
    return (int64_t)bench.writer.tail - 1;
}

static struct task *take(void)
{
    return queue_take(&bench.queue, &bench.view, &bench.claim, 3);
}

static void cancel(struct task *task)
{
    uint64_t word = atomic_load(&task->word);
    atomic_store(&task->word, word_to(word, TASK_CANCELLED));
    queue_cancel(&bench.queue, &bench.writer, word_ticket(word));
}

/* Tasks are taken in the order in which they were put. A taken task is in the worker's claim, and
 * its word says "running" with that worker's number. */
static void in_order(void *unused)
{
    (void)unused;
    struct task *task[3];
    open_queue();
    for (int i = 0; i < 3; i++) {
        task[i] = new_task();
        CHECK(put(task[i]) == i, "the ticket of task %d", i);
        CHECK(word_waits(atomic_load(&task[i]->word), (uint64_t)i), "it does not wait");
    }
    CHECK(queue_length(&bench.queue) == 3, "length %zu", queue_length(&bench.queue));
    for (int i = 0; i < 3; i++) {
        CHECK(take() == task[i] && atomic_load(&bench.claim) == task[i], "task %d", i);
        CHECK(word_is_run_by(atomic_load(&task[i]->word), 3), "it is not worker 3's");
    }
    CHECK(take() == NULL && queue_is_empty(&bench.queue), "there is a fourth");
}

/* With a full ring the queue grows, up to its limit, and keeps the order. */
static void grows(void *unused)
{
    (void)unused;
    static struct task *task[LIMIT];
    open_queue();
    struct ring *first = bench.writer.ring;
    for (int i = 0; i < LIMIT; i++)
        CHECK(put(task[i] = new_task()) == i, "task %d is refused", i);
    CHECK(bench.writer.ring != first && bench.writer.ring->mask == 8191, "mask %llu",
          (unsigned long long)bench.writer.ring->mask);
    struct task *more = new_task();
    CHECK_FAILS(put(more) == -1, EAGAIN);
    CHECK(take() == task[0], "the first");
    CHECK(put(more) == LIMIT, "there is room for one again");
    for (int i = 1; i < LIMIT; i++)
        CHECK(take() == task[i], "task %d", i);
    CHECK(take() == more && take() == NULL, "the last");
}

/* With a few tasks at a time, the queue goes round the same ring many times. */
static void wraps_around(void *unused)
{
    (void)unused;
    open_queue();
    struct ring *first = bench.writer.ring;
    for (int i = 0; i < 5000; i++) {
        struct task *one = new_task(), *two = new_task();
        CHECK(put(one) >= 0 && put(two) >= 0 && take() == one && take() == two,
              "round %d", i);
        arena_put(&bench.arena, one, ARENA_SMALLEST);
        arena_put(&bench.arena, two, ARENA_SMALLEST);
    }
    CHECK(bench.writer.ring == first, "it grew, with two tasks at a time");
}

/* Cancelled tasks are not taken, and leave the queue without a worker. */
static void skips_cancelled(void *unused)
{
    (void)unused;
    struct task *task[6];
    open_queue();
    for (int i = 0; i < 6; i++)
        put(task[i] = new_task());
    cancel(task[0]), cancel(task[1]), cancel(task[3]);
    CHECK(queue_length(&bench.queue) == 3, "length %zu", queue_length(&bench.queue));
    CHECK(take() == task[2] && take() == task[4] && take() == task[5], "others");
    CHECK(take() == NULL, "a cancelled one");
}

/* A worker that still has the old ring sees all tickets that were below its tail. */
static void old_view(void *unused)
{
    (void)unused;
    static struct task *task[2000];
    open_queue();
    put(task[0] = new_task());
    put(task[1] = new_task());
    CHECK(take() == task[0], "the first"); /* now the view has a tail of 2 */
    struct ring *old = bench.view.ring;
    for (int i = 2; i < 2000; i++)
        put(task[i] = new_task());
    CHECK(bench.writer.ring != old, "it did not grow");
    CHECK(take() == task[1] && bench.view.ring == old, "by the old ring");
    CHECK(take() == task[2] && bench.view.ring == bench.writer.ring, "by the new one");
}

/* A block that by now holds another task is not taken under the old ticket. */
static void another_ticket(void *unused)
{
    (void)unused;
    open_queue();
    struct task *task = new_task(), *other = new_task();
    put(task);
    CHECK(take() == task, "take");
    atomic_store(&bench.queue.head, 0); /* as if the worker had died before moving it */
    atomic_store(&task->word, word_make(0, TASK_NEW));
    put(other);
    CHECK(put(task) == 2, "ticket");
    CHECK(take() == other && take() == task && take() == NULL, "order");
}

/* A worker that is stopped between taking a task and moving the head does not reduce the room in
 * the queue. */
static void full_of_tasks_that_run(void *unused)
{
    (void)unused;
    open_queue();
    for (int i = 0; i < LIMIT; i++)
        put(new_task());
    for (int i = 0; i < 3; i++)
        CHECK(take() != NULL, "take %d", i);
    atomic_store(&bench.queue.head, 0);
    for (int i = 0; i < 3; i++)
        CHECK(put(new_task()) >= 0, "no room for one of the three that run");
    CHECK_FAILS(put(new_task()) == -1, EAGAIN);
    CHECK(queue_watch_head(&bench.queue, &bench.writer), "full, and nothing to wait for");
    uint64_t head = atomic_load(&bench.queue.head);
    CHECK(take() != NULL, "take");
    atomic_store(&bench.queue.head, head);
    CHECK(queue_watch_head(&bench.queue, &bench.writer), "nothing waits");
    CHECK(queue_look(&bench.queue, &bench.writer), "the room made before is not seen");
}

static const struct stress_case cases[] = {
    {"in_order", in_order},
    {"grows", grows},
    {"wraps_around", wraps_around},
    {"skips_cancelled", skips_cancelled},
    {"old_view", old_view},
    {"another_ticket", another_ticket},
    {"full_of_tasks_that_run", full_of_tasks_that_run},
};

int main(int argc, char **argv)
{
    return run_cases(cases, sizeof cases / sizeof *cases, argc, argv);
}
