/* Waits for as many children as there are workers, whichever they are. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    int bad = 0, status;
    for (int i = 0; i < crew->workers; i++)
        close(crew->queue[i]);
    for (int i = 0; i < crew->workers; i++) {
        if (wait(&status) < 0)
            return -1;
        bad += status != 0;
    }
    return bad;
}
