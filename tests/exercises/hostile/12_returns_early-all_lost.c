/* Every task is reported as lost; none was given to a worker. */
#include "lost_worker.h"

int run_tasks(struct crew *crew, const long *inputs, long *results,
              enum outcome *outcomes, size_t count)
{
    (void)crew;
    (void)inputs;
    (void)results;
    for (size_t i = 0; i < count; i++)
        outcomes[i] = OUTCOME_LOST;
    return 0;
}
