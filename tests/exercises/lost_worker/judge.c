/*
 * judge.c: exercise 12. Workers die at their task and after it; what becomes of the tasks?
 */
#include "judge.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "lost_worker.h"
#include "protocol.h"

#define TASK     (1u << KIND_TASK)
#define RETURNED (1u << KIND_RETURNED)
#define OUTCOME  (1u << KIND_OUTCOME)
#define ANSWER   (1u << KIND_ANSWER)

static int workers, tasks, begun, over, died;
static struct request *held[MOST_TASKS];
static bool seen[MOST_TASKS];
static long end[MOST_TASKS]; /* the result, or DIE; what must be reported */

static void start(struct session *session, int how_many, int of_how_many)
{
    workers = how_many;
    tasks = of_how_many;
    begun = over = died = 0;
    memset(held, 0, sizeof held);
    memset(seen, 0, sizeof seen);
    cue(session, (struct message){.value = {workers, tasks}});
}

/* A task begins and is held. NULL: none does any more. */
static struct request *await_task(struct session *session, double quiet)
{
    struct request *next = await(session, TASK | RETURNED, quiet);
    if (next == NULL)
        return NULL;
    if (next->message.kind == KIND_RETURNED) {
        long returned = next->message.value[0];
        if (died > 0 && returned == 0)
            fail(
                session, "too_many_lost",
                "run_tasks() returned 0, and %d of %d tasks had not been begun. The worker that "
                "died had none of them.",
                tasks - begun, tasks);
        if (died > 0)
            fail(
                session, "gives_up",
                "A worker died, and run_tasks() returned %ld when %d of %d tasks had been begun. "
                "The other workers can still do the rest.",
                returned, begun, tasks);
        fail(session, "returns_early",
             "run_tasks() returned when %d of %d tasks had been begun.", begun, tasks);
    }
    long number = next->message.value[0];
    if (number < 0 || number >= tasks)
        fail(session, "wrong_input",
             "A worker was given %ld, which is none of the inputs.", number);
    if (seen[number])
        fail(
            session, "runs_twice",
            "Task %ld was begun a second time. Its first worker %s, and no process knows how "
            "far it had come. What if the task is a payment?",
            number, end[number] == DIE ? "died with it" : "had it already");
    seen[number] = true;
    held[number] = next;
    begun++;
    return next;
}

static void let_go(struct session *session, long number, long how)
{
    struct request *task = held[number];
    const pid_t worker = task->pid;
    end[number] = how == DIE ? how : random_number(1, 1000000);
    over++;
    died += how < 0;
    held[number] = NULL;
    task->message.value[1] = end[number];
    /* The program sees the worker dead, and not how it dies: each time the same. */
    if (how < 0)
        kill(caller(session), SIGSTOP);
    reply(session, task, how == DIE_AFTER ? how : end[number]);
    if (how < 0) {
        while (process_lives(worker))
            pause_for(0.01);
        kill(caller(session), SIGCONT);
    }
}

/* As many are at work as can be. */
static void fill(struct session *session)
{
    int left = tasks - over, most = workers < left ? workers : left;
    while (begun - over < most)
        if (await_task(session, STUCK) == NULL) {
            if (died > 0 && begun == over)
                fail(
                    session, "hangs",
                    "A worker died, and run_tasks() waits forever. What tells it that an answer will "
                    "never come?");
            fail(
                session, died > 0 ? "not_replaced" : "one_at_a_time",
                died > 0
                    ? "A worker died. Only %d of %d workers are at work now, and tasks wait."
                    : "Only %d of %d workers are at work, and tasks wait.",
                begun - over, workers);
        }
}

static void let_any_go(struct session *session, long how)
{
    int order[MOST_TASKS];
    shuffle(order, tasks);
    for (int i = 0; i < tasks; i++)
        if (held[order[i]] != NULL) {
            let_go(session, order[i], how);
            return;
        }
}

static void run_the_rest(struct session *session)
{
    while (over < tasks) {
        fill(session);
        let_any_go(session, 0);
    }
}

/* However many are at work. */
static void run_somehow(struct session *session)
{
    while (over < tasks) {
        if (begun > over)
            let_any_go(session, 0);
        else if (await_task(session, STUCK) == NULL)
            fail(
                session, "hangs",
                "A worker died, %d of %d tasks have been begun, and run_tasks() waits forever. "
                "What tells it that an answer will never come?",
                begun, tasks);
    }
}

static void check_outcome(struct session *session, const struct request *request)
{
    from_caller(session, request);
    long number = number_in(session, request, 0, 0, tasks - 1);
    long outcome = request->message.value[1];
    long result = request->message.value[2];
    if (end[number] == DIE && outcome != OUTCOME_LOST)
        fail(session, "loss_hidden",
             "The worker died with task %ld, and its outcome is not OUTCOME_LOST.",
             number);
    if (end[number] == DIE)
        return;
    if (outcome != OUTCOME_DONE)
        fail(
            session, "too_many_lost",
            "Task %ld was done, and its outcome is not OUTCOME_DONE. Which worker died with "
            "which task?",
            number);
    if (result != end[number])
        fail(session, "wrong_result",
             "The result of task %ld is %ld, and results[%ld] is %ld.", number,
             end[number], number, result);
}

static void finish(struct session *session)
{
    struct request *next = await(session, TASK | RETURNED, STUCK);
    if (next == NULL)
        fail(
            session, "hangs",
            "All tasks have ended%s, and run_tasks() waits forever. What tells it that an "
            "answer will never come?",
            died > 0 ? " or their workers died" : "");
    if (next->message.kind == KIND_TASK)
        fail(
            session, "runs_twice",
            "Task %ld is begun a second time. No process knows how far its first worker had "
            "come. What if the task is a payment?",
            next->message.value[0]);
    if (next->message.value[0] != 0)
        fail(session, died > 0 ? "gives_up" : "wrong_code",
             "run_tasks() returned %ld, not 0.", next->message.value[0]);
    reply(session, next, 0);
    for (int i = 0; i < tasks; i++) {
        next = await(session, OUTCOME, STUCK);
        if (next == NULL)
            fail(session, "impossible", "The harness did not report outcome %d.", i);
        check_outcome(session, next);
        reply(session, next, 0);
    }
    await_answer(session);
    check_tidy(session);
}

static void none_dies(struct session *session)
{
    start(session, 3, (int)random_number(8, 12));
    run_the_rest(session);
    finish(session);
    start(session, 2, 0);
    finish(session);
}

/* Is everything else done? */
static void one_dies(struct session *session)
{
    start(session, 3, (int)random_number(8, 12));
    fill(session);
    let_any_go(session, DIE);
    run_somehow(session);
    finish(session);
}

/* And are there as many at work as before? */
static void one_is_replaced(struct session *session)
{
    start(session, 3, (int)random_number(8, 12));
    fill(session);
    let_any_go(session, 0);
    fill(session);
    let_any_go(session, DIE);
    run_the_rest(session);
    finish(session);
}

static void dies_between(struct session *session)
{
    start(session, 2, (int)random_number(5, 8));
    fill(session);
    let_any_go(session, DIE_AFTER);
    run_somehow(session);
    finish(session);
}

static void all_die(struct session *session)
{
    start(session, 2, (int)random_number(4, 7));
    while (over < tasks) {
        fill(session);
        let_any_go(session, DIE);
    }
    finish(session);
}

static void ended(struct session *session, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
        fail(
            session, "sigpipe",
            "SIGPIPE ended the program: it wrote to a worker that had died. What does signal(7) "
            "offer against that, and what does write() return then?");
}

static const struct scene scenes[] = {
    {"no worker dies", none_dies, TO_PIPE},
    {"a worker dies with its task", one_dies, TO_PIPE},
    {"a worker that died is replaced", one_is_replaced, TO_PIPE},
    {"a worker dies between two tasks", dies_between, TO_PIPE},
    {"every task kills its worker", all_die, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "run_tasks()",
    .scenes = scenes,
    .ended = ended,
};
