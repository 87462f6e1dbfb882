/*
 * task.c: what the program does with one task: make, publish, look, cancel, stop, free. For
 * waiting see wait.c.
 */
#include "task.h"

#include <errno.h>
#include <float.h>
#include <signal.h>

#include "block.h"
#include "hold.h"
#include "loose.h"
#include "monotonic.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "publish.h"
#include "wake.h"

static char *margin_of(struct task *task)
{
    return (char *)task + task->pool->arena.size;
}

char *task_margin(struct task *task, size_t *size)
{
    *size = (size_t)1 << task->size_class;
    task->margin_used = true;
    return margin_of(task);
}

/* What is called: task_new() or task_begin(). */
enum making {
    NEW,
    BEGIN
};

static inline struct task *make(struct pool *pool, task_function *function,
                                unsigned size_class, enum making how)
{
    struct task *task = block_get(pool, size_class);
    if (task == NULL)
        return NULL;
    if (task->margin_used)
        *margin_of(task) = '\0';
    task->function = function;
    task->pool = pool;
    task->limit = 0;
    task->worker_status = 0;
    task->size_class = (uint8_t)size_class;
    task->margin_used = false;
    task->forget = how == BEGIN;
    task->held = false;
    atomic_store_explicit(&task->word, TASK_NEW, memory_order_relaxed);
    return task;
}

/* Another thread may lock, or close the pool. */
SLOW_PATH static struct task *make_slowly(struct pool *pool, task_function *function,
                                          unsigned size_class, enum making how)
{
    if (!pool_hold_open(pool))
        return NULL;
    bool locked = pool_lock(pool);
    struct task *task = make(pool, function, size_class, how);
    pool_unlock(pool, locked);
    if (task != NULL && how == BEGIN)
        task->held = true;
    else
        pool_release(pool);
    return task;
}

static inline struct task *check_and_make(struct pool *pool, task_function *function,
                                          size_t size, enum making how)
{
    if (function == NULL) {
        errno = EINVAL;
        return NULL;
    }
    if (size > SIZE_MAX / 4) {
        errno = ENOMEM;
        return NULL;
    }
    unsigned size_class = arena_class(sizeof(struct task) + size);
    if (!SINGLE_THREADED)
        return make_slowly(pool, function, size_class, how);
    return pool_is_mine(pool) ? make(pool, function, size_class, how) : NULL;
}

struct task *task_new(struct pool *pool, task_function *function, size_t size)
{
    return check_and_make(pool, function, size, NEW);
}

struct task *task_begin(struct pool *pool, task_function *function, size_t size)
{
    return check_and_make(pool, function, size, BEGIN);
}

struct pool *task_pool(const struct task *task)
{
    return task->pool;
}

int task_limit(struct task *task, double seconds)
{
    if (!pool_is_mine(task != NULL ? task->pool : NULL))
        return -1;
    if (!(seconds > 0) || word_state(atomic_load(&task->word)) != TASK_NEW)
        return refuse(EINVAL);
    float limit = (float)seconds;
    if ((double)limit < seconds) /* never too early */
        limit += limit > FLT_MIN ? limit * FLT_EPSILON : FLT_MIN;
    task->limit = limit;
    return 0;
}

void task_forget_if_lost(struct task *task)
{
    task->forget = true;
}

SLOW_PATH static int publish_locked(struct task *task)
{
    struct pool *pool = task->pool;
    bool locked = pool_lock(pool);
    int result = publish(task, 0);
    pool_unlock(pool, locked);
    return result;
}

int task_publish(struct task *task)
{
    struct pool *pool = task != NULL ? task->pool : NULL;
    if (!pool_is_mine(pool))
        return -1;
    return SINGLE_THREADED ? publish(task, 0) : publish_locked(task);
}

SLOW_PATH static int free_unpublished(struct task *task)
{
    int saved = errno;
    task_free(task);
    return refuse(saved);
}

SLOW_PATH static int commit_held(struct task *task)
{
    struct pool *pool = task->pool;
    int result = publish_locked(task) == 0 ? 0 : free_unpublished(task);
    int saved = errno;
    pool_release(pool);
    errno = saved;
    return result;
}

int task_commit(struct task *task)
{
    if (task->held)
        return commit_held(task);
    return publish(task, 0) == 0 ? 0 : free_unpublished(task);
}

SLOW_PATH static enum task_state state_when_checked(struct task *task)
{
    pool_check(task->pool);
    return word_state(task_word(task));
}

enum task_state task_state(struct task *task)
{
    uint64_t word = task_word(task);
    return word_ended(word) || word_state(word) == TASK_NEW ? word_state(word)
                                                            : state_when_checked(task);
}

bool task_ended(struct task *task)
{
    return task_state(task) >= TASK_DONE;
}

/* Cancel the task if it waits. Returns the word that it had before. The lock is held. */
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

/* May the worker be signalled? If this process may, the foreman may. If not, the foreman's attempt
 * decides: it takes the flag back when the kernel refused. */
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
    int entered = pool_enter(pool);
    if (entered < 0)
        return -1;
    int result = stop(task);
    int saved = errno;
    pool_leave(pool, entered);
    return result == 0 ? 0 : refuse(saved);
}

int task_worker_status(const struct task *task)
{
    return task->worker_status;
}

/* A task that has not ended becomes loose. Without memory to note that, its block stays allocated
 * until pool_close(). */
static void free_after_end(struct pool *pool, struct task *task)
{
    if (order_reserve(pool->own.loose) == 0)
        order_put(pool->own.loose, task, ticket_of(task));
}

/* An order still has an entry of this task, so the block must remain that of this task. */
static void free_in_order(struct task *task, uint64_t word)
{
    atomic_store_explicit(&task->word, word | WORD_LOOSE, memory_order_relaxed);
    arena_empty(task, task->size_class);
    arena_empty_margin(&task->pool->arena, task, task->size_class);
}

/* Another thread may lock; or the task has not ended, or was cancelled. */
SLOW_PATH static int free_slowly(struct pool *pool, struct task *task)
{
    bool locked = pool_lock(pool);
    uint64_t word = task_word(task);
    bool ended = word_ended(word) || word_state(word) == TASK_NEW;
    while (!ended && !atomic_compare_exchange_weak(&task->word, &word, word | WORD_LOOSE))
        ended = word_ended(word);
    if (!ended)
        free_after_end(pool, task);
    else if (order_has_cancelled(word)) /* the order frees it */
        free_in_order(task, word);
    else
        block_put(task);
    pool_unlock(pool, locked);
    return 0;
}

int task_free(struct task *task)
{
    if (task == NULL)
        return 0;
    struct pool *pool = task->pool;
    if (!pool_is_mine(pool))
        return -1;
    uint64_t word = task_word(task);
    if ((word & WORD_LOOSE) != 0)
        return refuse(EINVAL);
    if (!SINGLE_THREADED || !word_ended(word) || word_state(word) == TASK_CANCELLED)
        return free_slowly(pool, task);
    block_put(task);
    return 0;
}
