/*
 * shared.h: what the processes of a pool share, and what each keeps.
 *
 * The program is the only one to submit, cancel, allocate and free; the workers take, run
 * and finish; the foreman forks the workers and buries the dead. Everything below but
 * struct pool is in memory mapped before the first fork, at the same address in all of
 * them: a pointer into it means the same everywhere. Nothing in it is ever locked, so
 * none of them, killed at whatever instruction, can make another wait.
 *
 * Atomic operations are sequentially consistent unless they say otherwise. Those that do
 * follow three rules, and a comment names any other reason:
 *  - What one process wrote before it published, another may read that saw it published:
 *    release and acquire. The program publishes a task by its state, its entry and the tail;
 *    who ends a task, its result by the state.
 *  - Relaxed is what only one process writes, when that one reads it: the state of a task
 *    that nobody else can have a claim to, a worker's own deadline and count.
 *  - Relaxed, too, is what can't change any more, or was loaded with acquire before.
 */
#ifndef SHARED_H
#define SHARED_H

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "handle.h"
#include "linux.h"
#include "pool.h"
#include "state.h"

#define CACHE_LINE 64
#define APART      (2 * CACHE_LINE) /* cores fetch lines in pairs */

/* A task: 32 bytes, the argument behind them, all in one block of the arena. */
struct task {
    _Atomic uint64_t state; /* see state.h */
    union {
        task_function *function; /* until it ended */
        int64_t ended;           /* when it did, if it was watched */
    };
    struct pool *pool; /* a copy of it in a worker */
    float limit;       /* seconds; 0: none */
    uint16_t worker_status;
    uint8_t size_class;
    bool margin_used : 1;
    bool forget : 1; /* see task_forget_if_lost() */
};

static_assert(sizeof(struct task) == POOL_TASK_SIZE, "pool.h says so");
/* A lock in a library would be each process's own. */
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2, "no locks");

/* The queue: task number t stands at entry[t & mask]. A full ring is replaced by one
 * twice the size. The old one stays as it was, for workers that still look at it. */
struct ring {
    uint64_t mask;
    _Atomic(struct task *) entry[];
};

/* One worker's place. The process in it may change, one at a time. */
struct slot {
    alignas(APART) _Atomic(struct task *) task; /* what it takes next, or runs, or ran */
    _Atomic int64_t deadline;                   /* of the running task; 0: none */
    _Atomic int64_t started;                    /* when it was taken, if tracing */
    _Atomic uint32_t bell;                      /* rung to wake it */
    _Atomic pid_t pid;
    _Atomic int ready; /* enum readiness */
    _Atomic uint64_t tasks;
};

enum breakage {
    NOT_BROKEN,
    FOREMAN_DIED,
    INITIALIZER_FAILED,
    CANNOT_FORK
};

struct shared {
    /* The queue holds tickets head to tail. Anyone moves the head past a ticket that isn't
     * waiting any more; only the program moves the tail. */
    alignas(APART) _Atomic uint64_t head;
    alignas(APART) _Atomic uint64_t tail;
    _Atomic(struct ring *) ring;

    /* The program's bell, and whether it sleeps by it. */
    alignas(APART) _Atomic uint32_t bell;
    _Atomic uint32_t program_sleeps;

    /* A bit for each worker that sleeps or is about to: whoever clears it, wakes it. */
    alignas(APART) _Atomic uint64_t idle[POOL_MAX_WORKERS / 64];
    /* One was woken and hasn't looked yet. When it has found a task and there are more, it
     * wakes the next: so a submit costs at most one system call, and most cost none. (Not
     * bool: to exchange a byte, RISC-V needs a library.) */
    _Atomic int waking;

    alignas(APART) _Atomic int closing; /* enum closing */
    _Atomic int trace_failed;
    _Atomic int opened; /* by the foreman: 0 not yet, 1 all workers there, or -errno */
    _Atomic int broken; /* enum breakage */
    _Atomic int64_t foreman_wakes; /* when it looks at the deadlines next */
    _Atomic uint32_t foreman_bell; /* rung to make it look round */
    pid_t program;
    _Atomic pid_t foreman; /* written by the program and by itself, whoever is first */
    struct slot slots[];
};

/* What the program knows and, as copied by fork(), what foreman and workers need. */
struct pool {
    struct pool *next;   /* among the closed ones: see handle.c */
    unsigned generation; /* the process whose pool it is: see handle.h */
    struct shared *shared;
    struct pool_options options;
    int workers;
    int cpus;
    int spin; /* how often to look before sleeping */
    int trace;
    int64_t opened;

    /* For the program only. */
    struct arena arena;
    struct ring *ring;
    uint64_t tail;        /* the next ticket */
    uint64_t head_seen;   /* the head, as of some time ago */
    uint64_t room;        /* for so many waiting tasks */
    uint64_t cancelled;   /* how often a task was cancelled */
    struct batch *loose;  /* tasks nobody has a handle to */
    unsigned misses;      /* new blocks since loose tasks were gathered last ... */
    unsigned patience;    /* ... and how many there may be until the next time */
    size_t lost;          /* loose tasks that were not done */
    int64_t look_again;   /* see pool_look() */
    int64_t paused;       /* the last pool_pause() began then ... */
    uint64_t head_paused; /* ... when the head was there */
};

/* True if the pool is open and was opened by this process; else errno says why not. */
static inline bool pool_is_mine(const struct pool *pool)
{
    if (pool != NULL && pool->generation == process_generation)
        return true;
    handle_refuse(pool);
    return false;
}

#define LOOK_AFTER_FOREMAN INT64_C(100000000) /* nanoseconds: whether it is alive */

/* The program's side of the machinery, for the files of this chapter. */
bool pool_is_broken(struct pool *pool); /* asks the system */
bool pool_look(struct pool *pool);      /* the same, once every LOOK_AFTER_FOREMAN */
void pool_pause(struct pool *pool, uint32_t bell, int64_t deadline);
int pool_grow_ring(struct pool *pool);       /* -1: EAGAIN, ENOMEM */
size_t pool_gather_loose(struct pool *pool); /* free those that ended */
bool task_watch(struct task *task);          /* ring at its end; false: it ended */
uint64_t task_notice_break(struct task *task,
                           uint64_t state); /* but if the pool broke ... */
int task_publish_loose(struct task *task);
void task_give_back(struct task *task);
struct batch *batch_make(struct pool *pool, bool watched);
int batch_reserve(struct batch *batch); /* room for one more */
void batch_put(struct batch *batch, struct task *task,
               uint64_t ticket);                  /* it is reserved */
struct task *batch_hand_out(struct batch *batch); /* one that ended, or NULL */

/* A task's state, without a pool_look(). */
static inline uint64_t task_word(struct task *task)
{
    uint64_t state = atomic_load_explicit(&task->state, memory_order_acquire);
    return state_ended(state) ? state : task_notice_break(task, state);
}

static inline enum task_state task_phase(struct task *task)
{
    return state_phase(task_word(task));
}

/* Ring the program's bell: one of the tasks it watches ended. The one who takes back that
 * the program sleeps rings again before he wakes it: it may not be asleep yet, and the next
 * to end a task won't wake it any more. */
static inline void ring_program(struct shared *shared)
{
    atomic_fetch_add(&shared->bell, 1);
    if (atomic_load(&shared->program_sleeps) != 0 &&
        atomic_exchange(&shared->program_sleeps, 0) != 0) {
        atomic_fetch_add(&shared->bell, 1);
        futex_wake(&shared->bell, 1);
    }
}

/* No signal: whom one may send signals to changes with one's user id. */
static inline void ring_foreman(struct shared *shared)
{
    atomic_fetch_add(&shared->foreman_bell, 1);
    futex_wake(&shared->foreman_bell, 1);
}

static inline void ring_worker(struct slot *slot)
{
    atomic_fetch_add(&slot->bell, 1);
    futex_wake(&slot->bell, 1);
}

#endif
