/*
 * shared.h: the types: what the processes of a pool share, and what each keeps for itself.
 *
 * There are three roles. The program alone submits, cancels, allocates and frees. Workers take,
 * run and finish tasks. The foreman forks the workers, reports the task of a dead one as lost,
 * and kills the worker of a task that is to be stopped.
 *
 * Tasks, rings and struct shared lie in memory that was mapped before the first fork, at the same
 * address in all processes: a pointer into it is valid in each of them. There is no lock on it, so
 * a process that is killed, at whatever instruction, makes no other one wait. Everything else here
 * is each process's own.
 *
 * Atomic operations are sequentially consistent unless they say otherwise. Those that do follow
 * three rules; a comment names any other reason:
 *  - release and acquire: what one process wrote before it published is visible to another that
 *    saw it published. The program publishes a task by its word, its entry in the ring and the
 *    tail; the process that ends a task publishes the result by the word.
 *  - relaxed: fields that only one process writes, when that process reads or writes them and
 *    publishes no other data by them.
 *  - relaxed, too: values that can't change any more, or were loaded with acquire before.
 */
#ifndef SHARED_H
#define SHARED_H

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "orphans.h"
#include "pool.h"
#include "task.h"
#include "tie.h"
#include "word.h"

#define CACHE_LINE 64
#define APART      (2 * CACHE_LINE) /* processors fetch cache lines in pairs */

/* Must be lock-free: a fallback lock in libatomic would be private to each process. */
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2, "no locks");

/* A task: 32 bytes, the argument behind them, all in one block of the arena. The program writes
 * it before it publishes the task; word.h says which process writes the word. */
struct task {
    _Atomic uint64_t word;
    union {
        task_function *function; /* until the task ended */
        /* After that, the time of its end, by clock_stamp(); not for BROKEN, and a worker leaves it
         * out for loose tasks. Written by the process that ends the task, before it writes the
         * word; for CANCELLED, by the program after it wrote the word, as only the program reads
         * this. */
        int64_t ended;
    };
    struct pool *pool; /* the program's handle; in a worker, the worker's copy of it */
    float limit;       /* seconds; 0: none */
    uint16_t worker_status; /* by the foreman, before it writes LOST to the word */
    uint8_t size_class;
    bool margin_used : 1; /* by the program, or the worker that runs the task */
    bool forget : 1;      /* see task_forget_if_lost() */
    bool held : 1;        /* by the program: between task_begin() and task_commit() */
};

static_assert(sizeof(struct task) == POOL_TASK_SIZE, "task.h says so");

/* The entries of the queue: ticket t stands at entry[t & mask]. Written by the program. A full
 * ring is replaced. A worker may still read the old one: its memory remains that of a ring. */
struct ring {
    uint64_t mask;
    _Atomic(struct task *) entry[];
};

/* The queue holds tickets head to tail - 1. queue.h has the protocol. */
struct queue {
    /* The next ticket. Any process moves it past a ticket that no longer waits. */
    alignas(APART) _Atomic uint64_t head;
    alignas(APART) _Atomic uint64_t tail; /* by the program */
    _Atomic(struct ring *) ring;          /* by the program */
    /* By the program, for observers: there are so many holes from ticket `counted` to the tail. */
    _Atomic uint64_t counted, holes;
};

/* What the program, the only writer, knows of the queue. */
struct queue_writer {
    struct ring *ring;
    struct ring *spare;  /* the ring before this one, if it is as large; or NULL */
    uint64_t tail;       /* the next ticket */
    uint64_t head_seen;  /* the head, as of some time ago */
    uint64_t holes;      /* cancelled tasks from head_seen to the tail */
    uint64_t room;       /* this ring has room for so many tickets from head_seen on */
    uint64_t limit;      /* at most so many tasks may wait */
    uint64_t renumbered; /* waiting tasks have tickets from here on */
};

/* What a worker knows of the queue: the tail as of some time ago, and a ring that has all
 * tickets up to there. The program writes the tail with each task; if workers read it with each
 * task, too, its cache line would travel between the processors each time. */
struct queue_view {
    uint64_t tail;
    struct ring *ring;
    bool room; /* a task was taken whose word had the flag ROOM */
};

struct order; /* order.h */

/* The open orders, by number; number 0 is not used. */
struct order_list {
    struct order **order; /* NULL: free */
    unsigned capacity, lowest_free;
};

enum readiness {
    STARTING,
    READY,
    INITIALIZER_FAILED_HERE
};

/* A worker's slot. A worker that replaces a dead one gets its slot. Written by the worker unless
 * noted; reset by the foreman before it forks a worker into the slot. */
struct slot {
    alignas(
        APART) _Atomic(struct task *) task; /* the task it takes next, or runs, or ran */
    _Atomic int64_t deadline;               /* of the running task; 0: none */
    _Atomic int64_t started;                /* when it took the task, if traced */
    _Atomic uint32_t bell;                  /* any process: to wake the worker */
    _Atomic pid_t pid;                      /* by the foreman, and first by the worker */
    _Atomic int ready;                      /* enum readiness */
    _Atomic uint64_t tasks;                 /* how many have run in this slot */
    _Atomic int64_t begun;                  /* before it took the task: clock_stamp() */
    struct kept kept;                       /* see orphans.h */
};

/* How the program waits: bits of program_waits. */
enum waits {
    SLEEPING = 1, /* threads sleep on the bell, or are about to */
    POLLING = 2   /* an event loop polls the pool's descriptor */
};

enum breakage {
    NOT_BROKEN,
    FOREMAN_DIED,
    INITIALIZER_FAILED,
    CANNOT_FORK,
    ABORTED /* by the program, when it closes the pool: what has not ended never will */
};

/* The program writes DRAIN or ABORT; the foreman writes CLOSED before it ends in good order. */
enum closing {
    OPEN,
    DRAIN,
    ABORT,
    CLOSED
};

struct shared {
    struct queue queue;

    /* The program's bell, and how the program waits: see wake.h. */
    alignas(APART) _Atomic uint32_t bell;
    _Atomic uint32_t
        program_waits; /* enum waits: set by the program, cleared to wake it */

    /* A bit for each worker that sleeps or is about to. A process that clears another worker's bit
     * must wake that worker. (The foreman, for a dead or stopped one, repairs instead.) */
    alignas(APART) _Atomic uint64_t idle[POOL_MAX_WORKERS / 64];
    /* True: a worker was woken and has not looked for a task yet. (Not a bool: RISC-V has no
     * instruction to exchange a byte, and libatomic would be needed.) */
    _Atomic int waking;

    alignas(APART) _Atomic int closing; /* enum closing */
    _Atomic int over;                   /* by program or foreman: workers stop */
    _Atomic int cannot_kill;            /* by the foreman: a worker survives the end */
    _Atomic int trace_failed;           /* by any process: the trace is written no more */
    _Atomic int opening; /* by the foreman: 0, then 1 (all workers exist) or -errno */
    _Atomic int broken;  /* enum breakage; by the foreman or by the program */
    _Atomic int64_t
        foreman_alarm; /* by the foreman: when it next looks at the deadlines */
    _Atomic uint32_t foreman_bell; /* any process: to wake the foreman */
    _Atomic int loop_due;  /* any process: the foreman must signal the event loop */
    _Atomic int killed;    /* by the foreman: tasks that ran when the pool was ended */
    _Atomic unsigned lost; /* by the foreman: tasks with a handle, LOST or EXPIRED */
    pid_t program;         /* written before the first fork */
    _Atomic pid_t foreman; /* by the foreman, then by the program */
    struct slot slots[];
};

/* Each process has a copy. It is set before the fork of the foreman, or by the foreman before it
 * forks workers. After that, a process changes in its copy only what it has closed, to -1. */
struct inherited {
    struct tie to_program; /* held by the program */
    struct tie to_foreman; /* held by the foreman */
    bool by_first_thread;  /* opened by the thread that main() runs in, on its stack */
    pid_t foreman; /* as the foreman itself sees it; the program may see another number */
    struct pool_options options;
    int workers;
    int cpus;
    int spin;  /* how often a process checks for work, or an end, before it sleeps */
    int trace; /* a descriptor; -1: none */
    int event; /* the event loop's, which the foreman signals; -1: none */
    dev_t trace_device;
    ino_t trace_inode;
    int64_t opened_at; /* time zero of the trace */
};

/* Callbacks, and what an event loop polls: loop.c. */
struct loop {
    struct order *order;        /* the tasks with a callback */
    struct callback *callbacks; /* a hash table, by task */
    size_t capacity, count;
    int set;   /* an epoll set: of the event and the foreman; -1: none. Not guarded */
    int event; /* not guarded */
};

/* The program's alone; guarded by the lock unless noted. */
struct program {
    pthread_mutex_t lock;
    int pidfd; /* of the foreman; -1: none. Not guarded */
    struct queue_writer queue;
    struct order *loose; /* the loose tasks */
    size_t lost;         /* how many loose tasks were lost, expired or broken */
    struct loop loop;
    /* A thread has begun to close the pool; later, it is about to free it: see pool_hold_open().
     * Not guarded. (Not bools: see `waking`.) */
    _Atomic int closing, leaving;
    pthread_t closer;         /* that thread, once it is about to free the pool */
    unsigned lost_before;     /* shared->lost when the pool began to be closed */
    int64_t next_surplus;     /* see surplus_return() */
    unsigned misses;          /* new blocks taken since loose tasks were gathered ... */
    unsigned patience;        /* ... and how many may be taken before the next time */
    struct order_list orders; /* of the batches, and of callbacks */
    /* Atomic, and not guarded: */
    _Atomic int64_t next_check;   /* see pool_check() */
    _Atomic int64_t paused_at;    /* the last pool_pause() began then ... */
    _Atomic uint64_t paused_head; /* ... when the head was there */
    _Atomic uint32_t want_room;   /* threads that wait for room in the queue */
};

struct pool {
    _Atomic uint32_t
        holds; /* see pool_hold(); the next pool in this memory goes on counting */
    struct pool *next; /* in a list of handle.c */
    unsigned
        generation; /* process_number() of the process that opened it, or HANDLE_CLOSED */
    struct shared *shared;
    struct arena
        arena; /* base and size are inherited; what is free, the program's alone */
    struct inherited inherited;
    struct program own;
};

#endif
