/*
 * pause.c: see pause.h.
 */
#include "pause.h"

#include <errno.h>
#include <sys/wait.h>

#include "linux_process.h"
#include "monotonic.h"
#include "surplus.h"
#include "trace.h"
#include "wake.h"

/* In nanoseconds. */
#define SHORT_TASK  100000
#define LONGEST_NAP 1000000

bool pool_is_broken(struct pool *pool)
{
    struct shared *shared = pool->shared;
    if (atomic_load(&shared->broken) != NOT_BROKEN)
        return true;
    if (!pool_is_mine(pool))
        return false; /* the foreman is another process's child: the kernel would not say */
    siginfo_t info = {.si_pid = 0};
    int result = wait_for_child(atomic_load(&shared->foreman), &pool->own.pidfd, &info,
                                WEXITED | WNOHANG | WNOWAIT);
    if (result == 0 && info.si_pid == 0)
        return false;
    if (result != 0 && errno != ECHILD)
        return false; /* ask again later */
    /* It ended in good order: the thread that closes the pool writes ABORTED, after it has counted
     * what was lost. */
    if (atomic_load(&shared->closing) == CLOSED)
        return true;
    /* The foreman may have written a reason before it ended. */
    int none = NOT_BROKEN;
    atomic_compare_exchange_strong(&shared->broken, &none, FOREMAN_DIED);
    atomic_store(&shared->over, 1);
    return true;
}

bool pool_check(struct pool *pool)
{
    int64_t now = clock_now();
    if (now < atomic_load(&pool->own.next_check))
        return atomic_load(&pool->shared->broken) != NOT_BROKEN;
    atomic_store(&pool->own.next_check, now + CHECK_INTERVAL);
    if (pool_is_broken(pool))
        return true;
    /* A worker that was to wake another may be stopped, by a debugger for example. */
    workers_repair(pool->shared, pool->inherited.workers);
    if (pool_is_mine(pool))
        surplus_return(pool, now);
    return false;
}

uint64_t task_broken_word(struct task *task, uint64_t word)
{
    struct shared *shared = task->pool->shared;
    while (!word_ended(word) && word_state(word) != TASK_NEW &&
           atomic_load_explicit(&shared->broken, memory_order_acquire) != NOT_BROKEN) {
        uint64_t broken = word_to(word, TASK_BROKEN);
        if (atomic_compare_exchange_weak(&task->word, &word, broken))
            return broken;
    }
    return word;
}

bool task_watch(struct task *task)
{
    uint64_t word = task_word(task);
    while (!word_ended(word)) {
        if ((word & WORD_WATCHED) != 0 ||
            atomic_compare_exchange_weak(&task->word, &word, word | WORD_WATCHED))
            return true;
    }
    return false;
}

/*
 * How long the program may nap: a small part of the time for which the workers have enough to
 * do, by the rate at which tasks were taken since the last pause. 0 if the tasks are not short.
 */
static int64_t nap_time(struct pool *pool, int64_t now)
{
    struct program *own = &pool->own;
    /* Relaxed: an estimate. */
    uint64_t head = atomic_load_explicit(&pool->shared->queue.head, memory_order_relaxed);
    double taken = (double)(head - atomic_exchange(&own->paused_head, head));
    double passed = (double)(now - atomic_exchange(&own->paused_at, now));
    if (taken == 0 || taken * SHORT_TASK < passed)
        return 0;
    uint64_t tail = atomic_load_explicit(&pool->shared->queue.tail, memory_order_relaxed);
    double nap = (double)(tail - head) * passed / taken / 8;
    return nap < SHORT_TASK ? 0 : nap < LONGEST_NAP ? (int64_t)nap : LONGEST_NAP;
}

/*
 * Waking the program costs two context switches. When it waits for many short tasks one at a
 * time, that can exceed the cost of the tasks. Then the program naps: it sleeps for a set time
 * without saying so, no worker wakes it, and when it looks again many tasks have ended. Network
 * drivers moderate interrupts in the same way.
 */
void pool_pause(struct pool *pool, uint32_t seen, int64_t deadline)
{
    struct shared *shared = pool->shared;
    int64_t before = clock_now();
    if (pool_check(pool))
        return;
    int64_t wake = atomic_load(&pool->own.next_check);
    if (wake > deadline)
        wake = deadline;
    int64_t nap = nap_time(pool, before);
    int saved = errno;
    if (nap > 0 && before + nap < wake)
        bell_wait(&shared->bell, seen, before + nap);
    else
        program_sleep(shared, seen, wake);
    errno = saved;
    if (pool->inherited.trace >= 0)
        trace_wait(pool, before, clock_now());
}
