/*
 * wait.c: how the program waits for the end of a task, and sees that the pool broke.
 *
 * Every wait has the same shape: read the bell, look; if what is waited for isn't there, make
 * sure that its end rings the bell (task_watch()); then sleep unless the bell has changed.
 */
#include <errno.h>
#include <sys/wait.h>

#include "shared.h"
#include "trace.h"
#include "worker.h"

/* In nanoseconds: see nap_time(). */
#define SHORT_TASK  100000
#define LONGEST_NAP 1000000

bool pool_is_broken(struct pool *pool)
{
    struct shared *shared = pool->shared;
    if (atomic_load(&shared->broken) != NOT_BROKEN)
        return true;
    if (!pool_is_mine(pool))
        return false; /* the foreman is not our child: the system would not know */
    siginfo_t info = {.si_pid = 0};
    int result = waitid(P_PID, (id_t)atomic_load(&shared->foreman), &info,
                        WEXITED | WNOHANG | WNOWAIT);
    if (result == 0 && info.si_pid == 0)
        return false;
    if (result != 0 && errno != ECHILD)
        return false; /* ask again later */
    /* It may have said why before it ended. */
    int none = NOT_BROKEN;
    atomic_compare_exchange_strong(&shared->broken, &none, FOREMAN_DIED);
    return true;
}

/* A foreman that is killed rings no bell. So whoever waits for a task, or asks after one,
 * comes by here, to look himself from time to time. */
bool pool_look(struct pool *pool)
{
    int64_t now = clock_now();
    if (now < pool->look_again)
        return atomic_load(&pool->shared->broken) != NOT_BROKEN;
    pool->look_again = now + LOOK_AFTER_FOREMAN;
    if (pool_is_broken(pool))
        return true;
    workers_repair(pool->shared,
                   pool->workers); /* one may be stopped, by a debugger say */
    return false;
}

/*
 * How long the program may nap. Going by how fast tasks were taken since the last pause,
 * that is a small part of the time in which the workers have enough to do without it; and
 * nothing if tasks aren't short.
 */
static int64_t nap_time(struct pool *pool, int64_t now)
{
    /* Relaxed: an estimate. */
    uint64_t head = atomic_load_explicit(&pool->shared->head, memory_order_relaxed);
    double taken = (double)(head - pool->head_paused);
    double passed = (double)(now - pool->paused);
    pool->head_paused = head;
    pool->paused = now;
    if (taken == 0 || taken * SHORT_TASK < passed)
        return 0;
    double nap = (double)(pool->tail - head) * passed / taken / 8;
    return nap < SHORT_TASK ? 0 : nap < LONGEST_NAP ? (int64_t)nap : LONGEST_NAP;
}

/*
 * Sleep until the bell rings, if it has not rung since it was read as `bell`: after that,
 * and before this, the caller made sure that what it waits for will ring.
 *
 * To be woken takes two switches between processes. When many short tasks are waited for,
 * one by one, that can be more than the tasks take. So then the program naps: it does not
 * say that it sleeps, no worker wakes it, and when it wakes, many have ended. Network cards
 * moderate their interrupts in the same way.
 */
void pool_pause(struct pool *pool, uint32_t bell, int64_t deadline)
{
    struct shared *shared = pool->shared;
    int64_t before = clock_now();
    if (pool_look(pool))
        return;
    int64_t wake = pool->look_again < deadline ? pool->look_again : deadline;
    int64_t nap = nap_time(pool, before);
    if (nap > 0 && before + nap < wake) {
        futex_wait(&shared->bell, bell, before + nap);
    } else {
        atomic_store(&shared->program_sleeps, 1);
        futex_wait(&shared->bell, bell, wake);
        atomic_store(&shared->program_sleeps, 0);
    }
    if (pool->trace >= 0)
        trace_wait(pool, before, clock_now());
}

/* First look for a while, then sleep. */
static int wait_for_end(struct pool *pool, struct task *task, double timeout)
{
    int64_t deadline = clock_after(timeout);
    for (int i = 0; i < pool->spin && timeout != 0; i++) {
        spin_pause();
        if (task_phase(task) >= TASK_DONE)
            return 0;
    }
    for (;;) {
        uint32_t bell = atomic_load(&pool->shared->bell);
        if (!task_watch(task))
            return 0;
        if (deadline != CLOCK_NEVER && clock_now() >= deadline) {
            if (task_ended(task))
                return 0;
            errno = ETIMEDOUT;
            return -1;
        }
        pool_pause(pool, bell, deadline);
    }
}

int task_wait(struct task *task, double timeout)
{
    struct pool *pool = task != NULL ? task->pool : NULL;
    if (!pool_is_mine(pool))
        return -1;
    enum task_state state = task_phase(task);
    if (timeout != timeout || state == TASK_NEW) {
        errno = EINVAL;
        return -1;
    }
    return state >= TASK_DONE ? 0 : wait_for_end(pool, task, timeout);
}
