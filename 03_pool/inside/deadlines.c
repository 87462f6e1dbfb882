/*
 * deadlines.c: see deadlines.h.
 */
#include "deadlines.h"

#include "monotonic.h"
#include "wake.h"

/* If the worker can't be killed, the task goes on, and the flag of task_stop() is cleared to tell
 * the program so. (The flag of a deadline stays: the worker ends itself when the function returns.
 * Nobody is woken for that: this is tried in each round, and to wake the program rings this
 * process's bell, too.) */
static void kill_doomed(struct foreman *foreman, int number, struct task *task,
                        uint64_t word)
{
    if (crew_kill(foreman, number))
        return;
    while (word_is_run_by(word, (unsigned)number) && (word & WORD_STOPPING) != 0)
        if (atomic_compare_exchange_weak(&task->word, &word, word & ~WORD_STOPPING)) {
            program_wake_always(foreman->shared);
            return;
        }
}

/* Kill the workers whose task is to be stopped or has reached its deadline. Returns the next
 * deadline. */
static int64_t stop_and_expire(struct foreman *foreman, int64_t now)
{
    int64_t next = CLOCK_NEVER;
    for (int i = 0; i < foreman->workers; i++) {
        uint64_t word;
        struct task *task = task_run_by(foreman, i, &word);
        if (task == NULL)
            continue;
        /* The deadline is not an earlier task's: a worker clears it before it ends a task. If it is
         * a later task's, this task has ended since its word was read, and the swap fails. */
        int64_t deadline = atomic_load(&foreman->shared->slots[i].deadline);
        if (deadline != 0 && deadline <= now && (word & WORD_DOOMED) == 0 &&
            atomic_compare_exchange_strong(&task->word, &word, word | WORD_EXPIRING))
            word |= WORD_EXPIRING;
        if ((word & WORD_DOOMED) != 0 && word_is_run_by(word, (unsigned)i) &&
            foreman->pid[i] != 0)
            kill_doomed(foreman, i, task, word);
        else if (deadline != 0 && deadline < next)
            next = deadline;
    }
    return next;
}

/* A worker that sets a deadline earlier than the alarm rings the bell (start_clock(), worker.c).
 * One that compared its deadline with the old alarm may not have rung: so look again after setting
 * the alarm. */
int64_t tend_deadlines(struct foreman *foreman)
{
    int64_t next, alarm;
    do {
        alarm = stop_and_expire(foreman, clock_now());
        atomic_store(&foreman->shared->foreman_alarm, alarm);
        atomic_thread_fence(memory_order_seq_cst);
        next = stop_and_expire(foreman, clock_now());
    } while (next < alarm);
    return alarm;
}
