/* The kernel reaps, and nothing is known of how the workers ended. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < crew->workers; i++)
        close(crew->queue[i]);
    for (int i = 0; i < crew->workers; i++)
        while (waitpid(crew->pid[i], NULL, 0) < 0 && errno == EINTR)
            continue;
    return 0;
}
