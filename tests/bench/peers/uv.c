/*
 * uv.c: libuv's thread pool. A process has one, whose size is set before its first use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "../harness.h"

static uv_loop_t *loop;

static void uv_peer_open(int workers)
{
    char text[16];
    snprintf(text, sizeof text, "%d", workers);
    setenv("UV_THREADPOOL_SIZE", text, 1);
    loop = uv_default_loop();
}

static void run(uv_work_t *request)
{
    job_run(request->data);
}

static void after(uv_work_t *request, int status)
{
    (void)request;
    if (status != 0)
        die("uv_queue_work");
}

static void submit(struct job *jobs, size_t count)
{
    uv_work_t *requests = malloc(count * sizeof *requests);
    if (requests == NULL)
        die("malloc");
    jobs[0].handle = requests;
    for (size_t i = 0; i < count; i++) {
        requests[i].data = &jobs[i];
        if (uv_queue_work(loop, &requests[i], run, after) != 0)
            die("uv_queue_work");
    }
}

static void collect(struct job *jobs, size_t count)
{
    (void)count;
    uv_run(loop, UV_RUN_DEFAULT);
    free(jobs[0].handle);
}

static void uv_peer_close(void)
{
    uv_loop_close(loop);
}

const struct peer peer = {uv_peer_open, submit, collect, uv_peer_close, NULL};
