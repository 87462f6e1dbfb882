/*
 * task.c: what the program does with one task: make, publish, look, wait, take back.
 */
#include <errno.h>
#include <float.h>
#include <signal.h>

#include "foreman.h"
#include "shared.h"
#include "worker.h"

#define MOST_PATIENCE 127

/*
 * Before memory is taken that was never used, what the ended loose tasks hold is gathered.
 * If that gave nothing, the next blocks are new without a look, up to MOST_PATIENCE of
 * them: many may wait, and each look costs.
 */
static void gather_if_worth_it(struct pool *pool)
{
    if (++pool->misses <= pool->patience)
        return;
    pool->misses = 0;
    if (pool_gather_loose(pool) > 0)
        pool->patience = 0;
    else if (pool->patience < MOST_PATIENCE)
        pool->patience = 2 * pool->patience + 1;
}

static struct task *get_block(struct pool *pool, unsigned size_class)
{
    struct task *task = arena_reuse(&pool->arena, size_class);
    if (task != NULL)
        return task;
    gather_if_worth_it(pool);
    task = arena_get(&pool->arena, size_class);
    if (task == NULL && pool_gather_loose(pool) > 0)
        task = arena_get(&pool->arena, size_class);
    return task;
}

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

struct task *task_new(struct pool *pool, task_function *function, size_t size)
{
    if (!pool_is_mine(pool))
        return NULL;
    if (function == NULL) {
        errno = EINVAL;
        return NULL;
    }
    if (size > SIZE_MAX / 4) {
        errno = ENOMEM;
        return NULL;
    }
    unsigned size_class = arena_class(sizeof(struct task) + size);
    struct task *task = get_block(pool, size_class);
    if (task == NULL)
        return NULL;
    /* The ticket of the block's last task stays: no worker takes it for a new one. */
    uint64_t state = atomic_load_explicit(&task->state, memory_order_relaxed);
    atomic_store_explicit(&task->state, state_make(state_ticket(state), TASK_NEW),
                          memory_order_relaxed);
    task->function = function;
    task->pool = pool;
    task->limit = 0;
    task->worker_status = 0;
    task->size_class = (uint8_t)size_class;
    if (task->margin_used)
        *margin_of(task) = '\0';
    task->margin_used = false;
    task->forget = false;
    return task;
}

struct pool *task_pool(const struct task *task)
{
    return task->pool;
}

int task_limit(struct task *task, double seconds)
{
    if (!pool_is_mine(task != NULL ? task->pool : NULL))
        return -1;
    if (!(seconds > 0) || state_phase(atomic_load(&task->state)) != TASK_NEW) {
        errno = EINVAL;
        return -1;
    }
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

static bool queue_is_full(struct pool *pool)
{
    if (pool->tail - pool->head_seen < pool->room)
        return false;
    /* Whoever moved the head has read the entry, which may be written now. */
    pool->head_seen = atomic_load_explicit(&pool->shared->head, memory_order_acquire);
    return pool->tail - pool->head_seen >= pool->room;
}

static inline int publish(struct task *task, uint64_t flags)
{
    struct pool *pool = task->pool;
    if (!pool_is_mine(pool))
        return -1;
    uint64_t state = atomic_load_explicit(&task->state, memory_order_relaxed);
    if ((state & ~(TICKET_MASK << TICKET_SHIFT)) != TASK_NEW) {
        errno = EINVAL;
        return -1;
    }
    struct shared *shared = pool->shared;
    /* Relaxed: should it break just now, the task ends as broken. */
    if (atomic_load_explicit(&shared->broken, memory_order_relaxed) != NOT_BROKEN) {
        errno = EOWNERDEAD;
        return -1;
    }
    if (queue_is_full(pool) && pool_grow_ring(pool) != 0)
        return -1;
    uint64_t ticket = pool->tail++;
    atomic_store_explicit(&task->state, state_make(ticket, TASK_WAITING) | flags,
                          memory_order_release);
    atomic_store_explicit(&pool->ring->entry[ticket & pool->ring->mask], task,
                          memory_order_release);
    /* Sequentially consistent with the look at who is idle: see sleep_until_woken(). */
    atomic_store(&shared->tail, ticket + 1);
    if (workers_any_idle(shared, pool->workers))
        workers_wake_one(shared, pool->workers);
    return 0;
}

static int no_task(void)
{
    errno = EINVAL;
    return -1;
}

int task_publish(struct task *task)
{
    return task == NULL ? no_task() : publish(task, 0);
}

int task_publish_loose(struct task *task)
{
    struct pool *pool = task->pool;
    if (batch_reserve(pool->loose) != 0 || publish(task, STATE_LOOSE) != 0)
        return -1;
    batch_put(pool->loose, task, pool->tail - 1);
    return 0;
}

/* When the pool broke, what has not ended never will. */
uint64_t task_notice_break(struct task *task, uint64_t state)
{
    struct shared *shared = task->pool->shared;
    while (!state_ended(state) && state_phase(state) != TASK_NEW &&
           atomic_load_explicit(&shared->broken, memory_order_acquire) != NOT_BROKEN) {
        uint64_t broken = state_to(state, TASK_BROKEN);
        if (atomic_compare_exchange_weak(&task->state, &state, broken))
            return broken;
    }
    return state;
}

enum task_state task_state(struct task *task)
{
    enum task_state state = task_phase(task);
    if ((state == TASK_WAITING || state == TASK_RUNNING) && pool_look(task->pool))
        state = task_phase(task);
    return state;
}

bool task_ended(struct task *task)
{
    return task_state(task) >= TASK_DONE;
}

bool task_watch(struct task *task)
{
    uint64_t state = task_word(task);
    while (!state_ended(state)) {
        if ((state & STATE_WATCHED) != 0 ||
            atomic_compare_exchange_weak(&task->state, &state, state | STATE_WATCHED))
            return true;
    }
    return false;
}

/* Cancelled tasks need no worker to leave the queue: see take() in worker.c. */
static void skip_cancelled(struct pool *pool)
{
    struct ring *ring = pool->ring;
    uint64_t head = atomic_load(&pool->shared->head);
    while (head != pool->tail) {
        struct task *task = atomic_load(&ring->entry[head & ring->mask]);
        if (state_waits(atomic_load(&task->state), head))
            return;
        if (atomic_compare_exchange_strong(&pool->shared->head, &head, head + 1))
            head++;
    }
}

int task_cancel(struct task *task)
{
    if (task == NULL)
        return no_task();
    if (!pool_is_mine(task->pool))
        return -1;
    uint64_t state = task_word(task);
    while (state_phase(state) == TASK_WAITING)
        if (atomic_compare_exchange_weak(&task->state, &state,
                                         state_to(state, TASK_CANCELLED))) {
            task->pool->cancelled++;
            skip_cancelled(task->pool);
            return 0;
        }
    errno = state_ended(state)                   ? EALREADY
            : state_phase(state) == TASK_RUNNING ? EBUSY
                                                 : EINVAL;
    return -1;
}

int task_stop(struct task *task)
{
    if (task_cancel(task) == 0)
        return 0;
    if (errno != EBUSY)
        return -1;
    uint64_t state = task_word(task);
    while (state_phase(state) == TASK_RUNNING)
        if (atomic_compare_exchange_weak(&task->state, &state, state | STATE_STOPPING)) {
            ring_foreman(task->pool->shared);
            return 0;
        }
    errno = EALREADY;
    return -1;
}

int task_worker_status(const struct task *task)
{
    return task->worker_status;
}

pid_t task_worker(const struct task *task)
{
    uint64_t state = atomic_load(&task->state);
    if (state_phase(state) != TASK_RUNNING)
        return 0;
    return atomic_load(&task->pool->shared->slots[state_worker(state)].pid);
}

void task_give_back(struct task *task)
{
    uint64_t state = atomic_load_explicit(&task->state, memory_order_relaxed);
    atomic_store_explicit(&task->state,
                          state_make(state_ticket(state), TASK_NEW) | STATE_LOOSE,
                          memory_order_relaxed);
    arena_put(&task->pool->arena, task, task->size_class);
}

int task_free(struct task *task)
{
    if (task == NULL)
        return 0;
    if (!pool_is_mine(task->pool))
        return -1;
    uint64_t state = task_word(task);
    if ((state & STATE_LOOSE) != 0) {
        errno = EINVAL;
        return -1;
    }
    while (!state_ended(state) && state_phase(state) != TASK_NEW)
        if (atomic_compare_exchange_weak(&task->state, &state, state | STATE_LOOSE)) {
            batch_add(task->pool->loose,
                      task); /* no memory: it stays until pool_close() */
            return 0;
        }
    task_give_back(task);
    return 0;
}
