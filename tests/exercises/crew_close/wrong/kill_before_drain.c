/* Ends the workers in the middle of their work. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    for (int i = 0; i < crew->workers; i++) {
        kill(crew->pid[i], SIGTERM);
        close(crew->queue[i]);
    }
    for (int i = 0; i < crew->workers; i++)
        waitpid(crew->pid[i], NULL, 0);
    return 0;
}
