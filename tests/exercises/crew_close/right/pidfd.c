/* A descriptor for each worker tells when it has ended; whichever is first is waited for first. */
#include "crew_close.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int crew_close(struct crew *crew)
{
    struct pollfd ends[64];
    int bad = 0;
    for (int i = 0; i < crew->workers; i++) {
        ends[i].fd = (int)syscall(SYS_pidfd_open, crew->pid[i], 0);
        ends[i].events = POLLIN;
        close(crew->queue[i]);
    }
    for (int left = crew->workers; left > 0;) {
        if (poll(ends, (nfds_t)crew->workers, -1) < 0)
            continue;
        for (int i = 0; i < crew->workers; i++) {
            siginfo_t end;
            if (ends[i].fd < 0 || ends[i].revents == 0)
                continue;
            waitid(P_PID, (id_t)crew->pid[i], &end, WEXITED);
            bad += end.si_code != CLD_EXITED || end.si_status != 0;
            close(ends[i].fd);
            ends[i].fd = -1;
            left--;
        }
    }
    return bad;
}
