/*
 * glib.c: GLib's GThreadPool, with exclusive threads.
 */
#include <glib.h>

#include "../harness.h"

static GThreadPool *pool;

static void run(gpointer job, gpointer unused)
{
    (void)unused;
    job_run(job);
    jobs_done_one();
}

static void glib_open(int workers)
{
    pool = g_thread_pool_new(run, NULL, workers, TRUE, NULL);
    if (pool == NULL)
        die("g_thread_pool_new");
}

static void submit(struct job *jobs, size_t count)
{
    jobs_expect(count);
    for (size_t i = 0; i < count; i++)
        g_thread_pool_push(pool, &jobs[i], NULL);
}

static void collect(struct job *jobs, size_t count)
{
    (void)jobs;
    (void)count;
    jobs_await();
}

static void glib_close(void)
{
    g_thread_pool_free(pool, FALSE, TRUE);
}

const struct peer peer = {glib_open, submit, collect, glib_close, NULL};
