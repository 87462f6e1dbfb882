/*
 * openmp.c: OpenMP tasks; built twice, with GCC's library and with LLVM's.
 *
 * The thread that submits is one of the workers. When enough tasks wait (GCC: 64 for each thread;
 * LLVM: 256 in its queue), both libraries let it run a task at once instead of queueing it.
 * Submitting then takes as long as those tasks do.
 */
#include <omp.h>

#include "../harness.h"

static int threads;

static void omp_open(int workers)
{
    threads = workers;
#pragma omp parallel num_threads(threads)
    {
    }
}

/* Tasks belong to a parallel region, at whose end all have run. */
static void submit(struct job *jobs, size_t count)
{
    (void)jobs;
    (void)count;
}

static void collect(struct job *jobs, size_t count)
{
#pragma omp parallel num_threads(threads)
#pragma omp single
    {
        submitting = true;
        for (size_t i = 0; i < count; i++) {
#pragma omp task firstprivate(i)
            job_run(&jobs[i]);
        }
        submitting = false;
    }
}

static void omp_close(void)
{
    omp_pause_resource_all(omp_pause_hard); /* ends the threads */
}

const struct peer peer = {omp_open, submit, collect, omp_close, NULL};
