/*
 * node.c: a pool for a job server: it serves the functions of work.c from this machine.
 *
 *     GEARMAN_SERVERS=10.99.0.2 build/06_errors/far/node --workers 4 --limit 5000
 *
 * For each worker there is a *lane*: a connection to the job server, and a thread that takes
 * a job from it, submits it to the pool, waits for its end and answers. The pool is opened
 * before there are lanes, so that no worker inherits a connection.
 */
#include <libgearman/gearman.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"
#include "error.h"
#include "reply.h"
#include "work.h"

#define SILENCE 1.0 /* seconds: a job server that does not answer for so long is lost */
#define PAUSE   0.3 /* seconds between two attempts to connect */

struct lane {
    pthread_t thread;
    gearman_worker_st *server;
    bool is_lost;
};

static struct pool *pool;
static double limit; /* seconds for a task; 0: none */
static char machine[REPLY_NODE];
static atomic_bool stopping;
static atomic_int lost; /* lanes without a connection */

/* ---- In a worker -------------------------------------------------------------------- */

/* Ctrl-C at a terminal reaches the workers, too; the node ends when they have finished. */
static int leave_signals_to_node(void *unused)
{
    (void)unused;
    return signal(SIGINT, SIG_IGN) == SIG_ERR ? -1 : 0;
}

/* ---- The job server and the lanes --------------------------------------------------- */

static void say(const char *what)
{
    const char *servers = getenv("GEARMAN_SERVERS");
    fprintf(stderr, "node: %s: %s (%s)\n", machine, what,
            servers != NULL ? servers : "localhost");
}

struct reply {
    char *bytes;
    size_t size;
};

static struct reply compose(enum future_status status, int returned, const void *content,
                            size_t size)
{
    struct reply reply = {.bytes = malloc(REPLY_LINE + size)};
    if (reply.bytes == NULL)
        demo_fail("no memory");
    int line = snprintf(reply.bytes, REPLY_LINE, "%d %d %s\n", status, returned, machine);
    if (size > 0)
        memcpy(reply.bytes + line, content, size);
    reply.size = (size_t)line + size;
    return reply;
}

static struct reply compose_error(enum future_status status, int returned,
                                  const char *message)
{
    return compose(status, returned, message, strlen(message));
}

static const struct work *find(const char *name)
{
    const struct work *work = works;
    while (work->name != NULL && strcmp(work->name, name) != 0)
        work++;
    return work;
}

/* Run the job in the pool, as every lane does at its own time: threads may share a pool. */
static struct reply run(const gearman_job_st *job)
{
    const struct work *work = find(gearman_job_function_name(job));
    const void *argument = gearman_job_workload(job);
    size_t size = gearman_job_workload_size(job);
    if (work->name == NULL || size < work->argument_size)
        return compose_error(FUTURE_FAILED, TASK_ERROR, "no such function or argument");
    struct future *future =
        limit > 0
            ? future_submit_limited(pool, limit, work->function, argument, size,
                                    work->result_size)
            : future_submit(pool, work->function, argument, size, work->result_size);
    if (future == NULL)
        return compose_error(FUTURE_BROKEN, 0, "the node's pool takes no task");
    enum future_status status = future_result(future, POOL_FOREVER, NULL);
    struct reply reply =
        status == FUTURE_OK
            ? compose(status, 0, future_value(future), work->result_size)
            : compose_error(status, future_returned(future), future_error(future));
    future_free(future);
    return reply;
}

/* libgearman calls this for each job, and sends and frees what it returns. */
static void *run_job(gearman_job_st *job, void *unused, size_t *size,
                     gearman_return_t *returned)
{
    (void)unused;
    struct reply reply = run(job);
    *size = reply.size;
    *returned = GEARMAN_SUCCESS;
    return reply.bytes;
}

static void connect_lane(struct lane *lane)
{
    lane->server = gearman_worker_create(NULL);
    if (lane->server == NULL)
        demo_fail("no memory");
    if (getenv("GEARMAN_SERVERS") == NULL)
        gearman_worker_add_server(lane->server, "localhost", 0);
    gearman_worker_add_options(lane->server, GEARMAN_WORKER_NON_BLOCKING);
    gearman_worker_set_timeout(lane->server, (int)(SILENCE * 1e3));
    for (const struct work *work = works; work->name != NULL; work++)
        gearman_worker_add_function(lane->server, work->name, 0, run_job, NULL);
}

static void connect_again(struct lane *lane)
{
    if (!lane->is_lost && atomic_fetch_add(&lost, 1) == 0)
        say("the job server does not answer; trying again");
    lane->is_lost = true;
    gearman_worker_free(lane->server);
    demo_sleep(PAUSE);
    connect_lane(lane);
}

/*
 * Take the next step, which can be to run a job. Returns whether the connection works: a job
 * server that owes an answer (IO_WAIT) must not be silent; one that has no jobs may, but is
 * asked again every SILENCE.
 */
static bool step(struct lane *lane)
{
    gearman_return_t returned = gearman_worker_work(lane->server);
    if (lane->is_lost && (returned == GEARMAN_SUCCESS || returned == GEARMAN_NO_JOBS)) {
        lane->is_lost = false;
        if (atomic_fetch_sub(&lost, 1) == 1)
            say("the job server is back");
    }
    if (returned == GEARMAN_SUCCESS)
        return true;
    if (returned != GEARMAN_NO_JOBS && returned != GEARMAN_IO_WAIT)
        return false;
    gearman_return_t heard = gearman_worker_wait(lane->server);
    return heard == GEARMAN_SUCCESS ||
           (heard == GEARMAN_TIMEOUT && returned == GEARMAN_NO_JOBS);
}

static void *work_for_server(void *argument)
{
    struct lane *lane = argument;
    connect_lane(lane);
    while (!stopping)
        if (!step(lane))
            connect_again(lane);
    gearman_worker_free(lane->server);
    return NULL;
}

/* Ctrl-C and SIGTERM end the node when its tasks have ended; a second one at once. */
static void wait_for_signal(const sigset_t *ends)
{
    int number;
    sigwait(ends, &number);
    stopping = true;
    pthread_sigmask(SIG_UNBLOCK, ends, NULL);
}

int main(int argc, char **argv)
{
    long workers = 2, milliseconds = 5000;
    demo_start(
        argc, argv, "Serve functions from a pool. $GEARMAN_SERVERS names the job server.",
        (struct demo_option[]){
            {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
            {"limit", &milliseconds, 0, 3600000, "milliseconds a task may run; 0: any"},
            {.name = NULL}});
    limit = (double)milliseconds / 1e3;
    gethostname(machine, sizeof machine - 1);
    struct lane *lanes = calloc((size_t)workers, sizeof *lanes);
    if (lanes == NULL)
        demo_fail("no memory");
    work_prepare();
    pool = pool_open_with(&(struct pool_options){.workers = (int)workers,
                                                 .initializer = leave_signals_to_node});
    if (pool == NULL)
        demo_fail("cannot open a pool");

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    for (long i = 0; i < workers; i++)
        if (pthread_create(&lanes[i].thread, NULL, work_for_server, &lanes[i]) != 0)
            demo_fail("cannot start a thread");
    wait_for_signal(&ends);
    for (long i = 0; i < workers; i++)
        pthread_join(lanes[i].thread, NULL);
    pool_close(pool);
    free(lanes);
    return demo_end();
}
