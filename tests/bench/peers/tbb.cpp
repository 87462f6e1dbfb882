/*
 * tbb.cpp: oneTBB's task_group. The thread that submits is one of the workers, as oneTBB
 * has it: it runs tasks while it waits.
 */
#include <memory>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include "../harness.h"

using namespace oneapi::tbb;

static std::unique_ptr<global_control> limit;
static std::unique_ptr<task_arena> arena;
static std::unique_ptr<task_group> group;

static void tbb_open(int workers)
{
    auto count = static_cast<size_t>(workers);
    limit =
        std::make_unique<global_control>(global_control::max_allowed_parallelism, count);
    arena = std::make_unique<task_arena>(workers);
    group = std::make_unique<task_group>();
}

static void submit(struct job *jobs, size_t count)
{
    arena->execute([=] {
        for (size_t i = 0; i < count; i++)
            group->run([job = &jobs[i]] { job_run(job); });
    });
}

static void collect(struct job *, size_t)
{
    arena->execute([] { group->wait(); });
}

static void tbb_close(void)
{
    group.reset();
    arena.reset();
    limit.reset();
}

extern "C" const struct peer peer = {tbb_open, submit, collect, tbb_close, nullptr};
