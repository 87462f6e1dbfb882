/* Waits for one. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    int status;
    for (int i = 0; i < crew->workers; i++)
        close(crew->queue[i]);
    return waitpid(crew->pid[0], &status, 0) < 0 || status != 0;
}
