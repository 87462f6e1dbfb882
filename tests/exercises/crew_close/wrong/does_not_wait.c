/* Says that no more is coming, and goes. */
#include "crew_close.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    for (int i = 0; i < crew->workers; i++)
        close(crew->queue[i]);
    return 0;
}
