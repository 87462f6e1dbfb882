/* Waits for workers that were not told. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    int bad = 0, status;
    for (int i = 0; i < crew->workers; i++) {
        if (waitpid(crew->pid[i], &status, 0) < 0)
            return -1;
        bad += status != 0;
    }
    for (int i = 0; i < crew->workers; i++)
        close(crew->queue[i]);
    return bad;
}
