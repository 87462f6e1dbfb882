/* No other worker has the write end of the last worker's queue, so begin with that one. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    int bad = 0, status;
    for (int i = crew->workers - 1; i >= 0; i--) {
        close(crew->queue[i]);
        while (waitpid(crew->pid[i], &status, 0) < 0)
            if (errno != EINTR)
                return -1;
        bad += status != 0;
    }
    return bad;
}
