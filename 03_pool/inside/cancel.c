/*
 * cancel.c: take back a task that waits, and stop one that runs. See task.h.
 */
#include "task.h"

#include <errno.h>
#include <signal.h>

#include "hold.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "wake.h"

/* Cancel the task if it waits. Returns the word that it had before. The caller holds the lock. */
static uint64_t take_back(struct pool *pool, struct task *task)
{
    uint64_t word = task_word(task);
    while (word_state(word) == TASK_WAITING)
        if (atomic_compare_exchange_weak(&task->word, &word,
                                         word_to(word, TASK_CANCELLED))) {
            task->ended = clock_stamp();
            queue_cancel(&pool->shared->queue, &pool->own.queue, word_ticket(word));
            order_note_cancelled(task, word_to(word, TASK_CANCELLED));
            break;
        }
    return word;
}

int task_cancel(struct task *task)
{
    if (task == NULL)
        return refuse(EINVAL);
    struct pool *pool = task->pool;
    if (!pool_is_mine(pool))
        return -1;
    bool locked = pool_lock(pool);
    uint64_t word = take_back(pool, task);
    pool_unlock(pool, locked);
    if (word_state(word) != TASK_WAITING)
        return refuse(word_ended(word)                   ? EALREADY
                      : word_state(word) == TASK_RUNNING ? EBUSY
                                                         : EINVAL);
    if ((word & WORD_WATCHED) != 0 || atomic_load(&pool->own.want_room) != 0)
        program_wake(pool->shared); /* other threads may wait for the task, or for room */
    return 0;
}

/* May the foreman kill the worker? -1: EPERM. If this process may signal it, so may the foreman. If
 * not, wait for the foreman's attempt: it clears the flag if the kernel refuses. */
static int stop_is_possible(struct task *task, unsigned worker)
{
    struct pool *pool = task->pool;
    pid_t pid = atomic_load(&pool->shared->slots[worker].pid);
    if (pid == 0 || kill(pid, 0) == 0 || errno != EPERM)
        return 0;
    for (int64_t deadline = clock_after(1); clock_now() < deadline;) {
        uint32_t seen = bell_read(&pool->shared->bell);
        uint64_t word = task_word(task);
        if (word_ended(word))
            return 0;
        if ((word & WORD_STOPPING) == 0)
            return refuse(EPERM);
        pool_pause(pool, seen, deadline);
    }
    return 0;
}

static int stop(struct task *task)
{
    if (task_cancel(task) == 0)
        return 0;
    if (errno != EBUSY)
        return -1;
    uint64_t word = task_word(task);
    while (word_state(word) == TASK_RUNNING)
        if (atomic_compare_exchange_weak(&task->word, &word, word | WORD_STOPPING)) {
            foreman_wake(task->pool->shared);
            return stop_is_possible(task, word_worker(word));
        }
    return refuse(EALREADY);
}

int task_stop(struct task *task)
{
    if (task == NULL)
        return refuse(EINVAL);
    struct pool *pool = task->pool;
    if (!pool_is_mine(pool))
        return -1;
    pool_hold(pool);
    int result = stop(task);
    int saved = errno;
    pool_release(pool);
    return result == 0 ? 0 : refuse(saved);
}
