/*
 * explore_queue.c: run the queue's own code in every interleaving of its atomic operations, with
 * one program and two workers. Where blocks are reused, one worker may be killed at any operation.
 *
 *     make check-queue        six million states, half a minute
 *
 * Each process is a coroutine that stops before each atomic operation (interleave/stdatomic.h). A
 * state is all memory and all stacks of the processes. From each state the search visits every
 * state that can follow, but none twice. The first ring has only two entries, so it grows while
 * workers read it, waiting tasks are renumbered, and the block of an ended task is used for
 * another one; pool.pml, the model for spin, leaves all that out. Operations are sequentially
 * consistent here; ThreadSanitizer checks weaker orders (make check-tsan).
 *
 * In each state the four invariants of queue.h must hold, and tasks must be taken in order. In
 * each final state, every task was run once, cancelled once, or reported lost once.
 *
 * Runs on x86-64 only, with a C library that has swapcontext().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "queue.h"

#define WORKERS     2
#define TASKS       5 /* at most */
#define STACK       ((size_t)16 * 1024)
#define SLOTS       ((size_t)1 << 23) /* of the table of states: a power of two */
#define DEEPEST     4000
#define FIRST_FRAME 64 /* bytes of a stack that makecontext() writes */

enum process {
    PROGRAM = 0,
    WORKER = 1, /* and the ones after it */
    FOREMAN = WORKER + WORKERS,
    PROCESSES = FOREMAN + 1
};

enum end {
    NOT_ENDED,
    RAN,
    CANCELLED,
    LOST
};

/* All memory of the processes except their stacks. */
static struct world {
    struct queue queue;
    struct queue_writer writer;
    struct arena arena;
    alignas(64) char memory[1024]; /* the arena's */
    _Atomic(struct task *) claim[WORKERS];
    struct task *task_of[TASKS]; /* in the order of submission */
    int submitted;
    unsigned char end[TASKS], begun[TASKS];
    bool closing, dead, reported;
    int dead_worker;
    /* sleeps[i]: process i goes on when enabled(i), called by the explorer, is true. */
    bool sleeps[PROCESSES], done[PROCESSES];
    size_t stack_used[PROCESSES];
    ucontext_t context[PROCESSES];
} world;

static alignas(64) char stacks[PROCESSES][STACK];
static ucontext_t explorer;
static int running = -1; /* a process; -1: the explorer */
static int deaths;

/* ---- Coroutines ---- */

__attribute__((noinline)) void explore_yield(void)
{
    if (running < 0)
        return;
    swapcontext(&world.context[running], &explorer);
}

static void sleep_until_enabled(void)
{
    world.sleeps[running] = true;
    explore_yield();
    world.sleeps[running] = false;
}

static void run(int process)
{
    running = process;
    swapcontext(&explorer, &world.context[process]);
    running = -1;
    char *low = (char *)(uintptr_t)world.context[process].uc_mcontext.gregs[REG_RSP];
    world.stack_used[process] = (size_t)(stacks[process] + STACK - low);
}

/* ---- The processes ---- */

/* In a scenario either each task has a block of its own, so that its ticket may change, or blocks
 * are reused and a task's ticket is its number. */
static const struct scenario {
    const char *name;
    void (*program)(void);
    int tasks, workers, deaths;
    bool own_blocks;
} * scenario;

/* The task's place in the order of submission. */
static uint64_t place_of(const struct task *task, uint64_t word)
{
    for (int i = 0; scenario->own_blocks && i < world.submitted; i++)
        if (world.task_of[i] == task)
            return (uint64_t)i;
    return word_ticket(word);
}

static struct task *new_task(void)
{
    struct task *task = arena_new(&world.arena, ARENA_SMALLEST);
    if (task == NULL)
        abort();
    return task;
}

static void put(struct task *task)
{
    if (!queue_has_room(&world.queue, &world.writer) &&
        queue_make_room(&world.queue, &world.writer, &world.arena) != 0)
        abort();
    world.task_of[world.submitted++] = task;
    queue_put(&world.queue, &world.writer, task, 0);
}

/* As task_cancel(). */
static void cancel(struct task *task)
{
    uint64_t word = atomic_load(&task->word);
    while (word_state(word) == TASK_WAITING)
        if (atomic_compare_exchange_strong(&task->word, &word,
                                           word_to(word, TASK_CANCELLED))) {
            world.end[place_of(task, word)] = CANCELLED;
            queue_cancel(&world.queue, &world.writer, word_ticket(word));
            return;
        }
}

/* As block_put() and task_new(). */
static void use_again(struct task *task)
{
    uint64_t word = atomic_load(&task->word);
    atomic_store(&task->word, word_make(word_ticket(word), TASK_NEW) | WORD_LOOSE);
    atomic_store(&task->word, TASK_NEW);
}

static void growth(void)
{
    struct task *task[3] = {new_task(), new_task(), new_task()};
    for (int i = 0; i < 3; i++)
        put(task[i]); /* the third task makes the ring grow, unless the workers were quick */
}

static void reuse(void)
{
    struct task *task = new_task(), *other = new_task();
    put(task);
    sleep_until_enabled(); /* until the first task has ended */
    use_again(task);
    put(other);
    put(task);
}

static void cancelling(void)
{
    struct task *task[2] = {new_task(), new_task()};
    put(task[0]);
    put(task[1]);
    cancel(task[1]);
    cancel(task[0]);
}

/* A cancelled task after a waiting one leaves a hole, so that half of the ring is holes when the
 * third task is put; then the same again, in a ring that has been in use before. */
static void renumbering(void)
{
    struct task *task[4] = {new_task(), new_task(), new_task(), new_task()};
    put(task[0]);
    put(task[1]);
    cancel(task[1]);
    put(task[2]);
    if (scenario->tasks == 3)
        return;
    cancel(task[2]);
    put(task[3]);
}

/* Two tasks are renumbered; a worker may take one of them in between. */
static void renumbering_two(void)
{
    struct task *task[5];
    for (int i = 0; i < 5; i++)
        task[i] = new_task();
    for (int i = 0; i < 4; i++)
        put(task[i]);
    cancel(task[1]);
    cancel(task[3]);
    put(task[4]);
}

static const struct scenario scenarios[] = {
    {"growth", growth, 3, 2, 0, true},
    {"reuse", reuse, 3, 2, 1, false},
    {"cancelling", cancelling, 2, 2, 0, true},
    {"renumber one", renumbering, 3, 2, 0, true},
    {"... twice", renumbering, 4, 1, 0, true},
    {"renumber two", renumbering_two, 5, 1, 0, true},
};

static void program(void)
{
    scenario->program();
    world.closing = true;
}

static void work(int number)
{
    struct queue_view view = {0, NULL};
    for (;;) {
        struct task *task =
            queue_take(&world.queue, &view, &world.claim[number], (unsigned)number);
        if (task != NULL) {
            uint64_t word = atomic_load(&task->word);
            world.begun[place_of(task, word)]++;
            world.end[place_of(task, word)] = RAN;
            atomic_store(&task->word, word_to(word, TASK_DONE));
        } else {
            sleep_until_enabled(); /* until tasks wait, or the pool closes */
            if (world.closing && world.queue.head == world.queue.tail)
                return;
        }
    }
}

/* Report the task of the dead worker, as report_loss() does. The worker is not replaced. */
static void foreman(void)
{
    sleep_until_enabled(); /* until a worker is dead */
    unsigned number = (unsigned)world.dead_worker;
    struct task *task = atomic_load(&world.claim[number]);
    uint64_t word = task != NULL ? atomic_load(&task->word) : 0;
    while (task != NULL && word_is_run_by(word, number))
        if (atomic_compare_exchange_strong(&task->word, &word,
                                           word_to(word, TASK_LOST))) {
            world.end[place_of(task, word)] = LOST;
            break;
        }
    world.reported = true;
}

static void body(int process)
{
    if (process == PROGRAM)
        program();
    else if (process == FOREMAN)
        foreman();
    else
        work(process - WORKER);
    world.done[process] = true;
    explore_yield(); /* does not return */
}

static bool enabled(int process)
{
    if (world.done[process] || (world.dead && process == WORKER + world.dead_worker))
        return false;
    if (!world.sleeps[process])
        return true;
    if (process == PROGRAM)
        return word_ended(world.task_of[0]->word);
    if (process == FOREMAN)
        return world.dead;
    return world.queue.head != world.queue.tail || world.closing;
}

/* ---- What must hold ---- */

static int path[DEEPEST], depth;
static const char *fault;

static void expect(bool condition, const char *what)
{
    if (!condition && fault == NULL)
        fault = what;
}

/* Whether the task is published and not taken; sets *ticket. */
static bool waits(int place, uint64_t *ticket)
{
    struct task *task = world.task_of[place];
    uint64_t word = task != NULL ? task->word : 0;
    *ticket = word_ticket(word);
    return word_state(word) == TASK_WAITING && *ticket < world.queue.tail &&
           (scenario->own_blocks || *ticket == (uint64_t)place);
}

static bool taken(int place, uint64_t ticket)
{
    enum task_state state = word_state(world.task_of[place]->word);
    if (!scenario->own_blocks && ticket != (uint64_t)place)
        return (uint64_t)place < world.queue.tail;
    return state == TASK_RUNNING || state == TASK_DONE || state == TASK_LOST;
}

static void check_state(uint64_t head_before)
{
    uint64_t head = world.queue.head, tail = world.queue.tail, ticket;
    expect(head <= tail, "the head is past the tail");
    expect(head >= head_before, "the head moved back");
    bool earlier_waits = false;
    for (int place = 0; place < world.submitted; place++) {
        if (waits(place, &ticket)) {
            expect(ticket >= head, "a waiting task is behind the head");
            struct ring *ring = world.queue.ring;
            expect(ring->entry[ticket & ring->mask] == world.task_of[place],
                   "a waiting task does not stand in the ring");
            earlier_waits = true;
        }
        expect(!earlier_waits || !taken(place, ticket),
               "a task was taken before one that waited longer");
    }
    for (int i = 0; i < scenario->tasks; i++)
        expect(world.begun[i] <= 1, "a task began twice");
}

static void check_last(void)
{
    expect(world.done[PROGRAM], "the program waits, and no other process can go on");
    expect(world.queue.head == world.queue.tail, "the queue is not empty in the end");
    expect(queue_length(&world.queue) == 0, "tasks are said to wait in the end");
    for (int i = 0; i < scenario->tasks; i++) {
        bool right = world.end[i] == RAN         ? world.begun[i] == 1
                     : world.end[i] == CANCELLED ? world.begun[i] == 0
                                                 : world.end[i] == LOST;
        expect(right, "a task neither ran, nor was cancelled, nor was reported lost");
    }
}

/* ---- The search ---- */

static uint64_t *table;
static size_t states, most_used;

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const char *at = bytes;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t part;
        memcpy(&part, at, 8);
        hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t hash_state(void)
{
    uint64_t hash = mix(UINT64_C(0x1234567), &world, offsetof(struct world, context));
    for (int i = 0; i < PROCESSES; i++) {
        hash = mix(hash, stacks[i] + STACK - world.stack_used[i], world.stack_used[i]);
        hash = mix(hash, &world.context[i].uc_mcontext, sizeof(gregset_t));
    }
    return hash | 1;
}

static bool is_new(void)
{
    uint64_t hash = hash_state();
    size_t at = (size_t)(hash >> 20) & (SLOTS - 1);
    for (; table[at] != 0; at = (at + 1) & (SLOTS - 1))
        if (table[at] == hash)
            return false;
    table[at] = hash;
    states++;
    return states < SLOTS / 2 || (fault = "too many states for the table", false);
}

/* A copy of the whole state, in one piece of memory. */
static char *save(void)
{
    size_t size = sizeof world;
    for (int i = 0; i < PROCESSES; i++)
        size += world.stack_used[i];
    if (size > most_used)
        most_used = size;
    char *saved = malloc(size), *at = saved;
    if (saved == NULL)
        abort();
    memcpy(at, &world, sizeof world);
    at += sizeof world;
    for (int i = 0; i < PROCESSES; i++) {
        memcpy(at, stacks[i] + STACK - world.stack_used[i], world.stack_used[i]);
        at += world.stack_used[i];
    }
    return saved;
}

static void restore(const char *saved)
{
    memcpy(&world, saved, sizeof world);
    saved += sizeof world;
    for (int i = 0; i < PROCESSES; i++) {
        memcpy(stacks[i] + STACK - world.stack_used[i], saved, world.stack_used[i]);
        saved += world.stack_used[i];
    }
}

static void explore(void);

static void follow(const char *saved, int choice)
{
    uint64_t head = world.queue.head;
    path[depth++] = choice;
    if (choice < PROCESSES) {
        run(choice);
    } else {
        world.dead = true;
        world.dead_worker = choice - PROCESSES;
    }
    check_state(head);
    if (fault == NULL && is_new())
        explore();
    if (fault != NULL)
        return;
    depth--;
    restore(saved);
}

static void explore(void)
{
    int enabled_count = 0;
    char *saved = save();
    expect(depth < DEEPEST - 1, "too deep");
    for (int i = 0; i < PROCESSES && fault == NULL; i++)
        if (enabled(i)) {
            enabled_count++;
            follow(saved, i);
        }
    if (enabled_count == 0)
        check_last();
    for (int i = 0; i < WORKERS && fault == NULL && deaths > 0 && !world.dead; i++)
        if (!world.done[WORKER + i])
            follow(saved, PROCESSES + i);
    free(saved);
}

static void start(void)
{
    world.arena = (struct arena){.base = world.memory,
                                 .size = sizeof world.memory,
                                 .top = sizeof world.memory,
                                 .ready = SIZE_MAX,
                                 .quick = sizeof world.memory};
    if (queue_open(&world.queue, &world.writer, &world.arena, 100) != 0)
        abort();
    for (int i = 0; i < PROCESSES; i++) {
        getcontext(&world.context[i]);
        world.context[i].uc_stack.ss_sp = stacks[i];
        world.context[i].uc_stack.ss_size = STACK;
        makecontext(&world.context[i], (void (*)(void))(void *)body, 1, i);
        world.stack_used[i] = FIRST_FRAME;
        world.done[i] = i >= WORKER + scenario->workers && i < FOREMAN;
    }
}

static void print_path(void)
{
    static const char *const names[] = {"program", "worker 0", "worker 1", "foreman"};
    for (int i = 0, times = 1; i < depth; i++, times++) {
        if (i + 1 < depth && path[i + 1] == path[i])
            continue;
        if (path[i] < PROCESSES)
            fprintf(stderr, "  %s, %d operations\n", names[path[i]], times);
        else
            fprintf(stderr, "  worker %d dies\n", path[i] - PROCESSES);
        times = 0;
    }
}

static bool explore_scenario(const struct scenario *chosen)
{
    scenario = chosen;
    deaths = chosen->deaths;
    memset(&world, 0, sizeof world);
    memset(table, 0, SLOTS * sizeof *table);
    states = 0;
    depth = 0;
    start();
    explore();
    printf("%-12s %9zu states: %s\n", chosen->name, states, fault != NULL ? fault : "ok");
    if (fault != NULL)
        print_path();
    return fault == NULL;
}

int main(void)
{
    table = calloc(SLOTS, sizeof *table);
    if (table == NULL)
        abort();
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (!explore_scenario(&scenarios[i]))
            return 1;
    return 0;
}
