/*
 * taskflow.cpp: Taskflow's executor, with tasks that are in no graph.
 */
#include <memory>
#include <taskflow/taskflow.hpp>

#include "../harness.h"

static std::unique_ptr<tf::Executor> executor;

static void taskflow_open(int workers)
{
    executor = std::make_unique<tf::Executor>(static_cast<size_t>(workers));
}

static void submit(struct job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        executor->silent_async([job = &jobs[i]] { job_run(job); });
}

static void collect(struct job *, size_t)
{
    executor->wait_for_all();
}

static void taskflow_close(void)
{
    executor.reset();
}

extern "C" const struct peer peer = {taskflow_open, submit, collect, taskflow_close,
                                     nullptr};
