/*
 * task.c: what the program does with one task: make, publish, look, free. For cancelling see
 * cancel.c, for waiting wait.c.
 */
#include "task.h"

#include <errno.h>
#include <float.h>

#include "block.h"
#include "hold.h"
#include "loose.h"
#include "order.h"
#include "pause.h"
#include "program.h"
#include "publish.h"

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

/* Which function makes the task: task_new() or task_begin(). */
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

/* In a program with several threads: take the lock and hold the pool, which stays held after
 * BEGIN. */
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

/* Since task_begin(), the program may have forked, or may have more threads. */
SLOW_PATH static int commit_slowly(struct task *task)
{
    struct pool *pool = task->pool;
    if (!pool_is_mine(pool))
        return -1;
    bool held = task->held;
    int result = publish_locked(task) == 0 ? 0 : free_unpublished(task);
    int saved = errno;
    if (held)
        pool_release(pool);
    errno = saved;
    return result;
}

int task_commit(struct task *task)
{
    if (task->held || !SINGLE_THREADED || !pool_is_mine(task->pool))
        return commit_slowly(task);
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

/* In a program with several threads, or for a task that has not ended or was cancelled. */
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
