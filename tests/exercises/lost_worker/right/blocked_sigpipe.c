/* SIGPIPE is blocked, and taken when it came; one worker after the other is looked at by poll(). */
#include "lost_worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

int run_tasks(struct crew *crew, const long *inputs, long *results,
              enum outcome *outcomes, size_t count)
{
    long has[CREW_MOST];
    size_t next = 0, over = 0;
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe_signal, &before);
    for (int i = 0; i < CREW_MOST; i++)
        has[i] = -1;
    while (over < count) {
        for (int i = 0; i < crew->workers && next < count; i++) {
            struct worker *worker = &crew->worker[i];
            if (has[i] >= 0)
                continue;
            if (write(worker->to, &inputs[next], sizeof *inputs) == sizeof *inputs) {
                has[i] = (long)next++;
            } else if (errno == EPIPE) {
                sigtimedwait(&pipe_signal, NULL, &(struct timespec){0});
                crew->replace(worker);
                i--;
            }
        }
        struct pollfd files[CREW_MOST];
        for (int i = 0; i < crew->workers; i++)
            files[i] =
                (struct pollfd){has[i] >= 0 ? crew->worker[i].from : -1, POLLIN, 0};
        if (poll(files, (nfds_t)crew->workers, -1) <= 0)
            continue;
        for (int i = 0; i < crew->workers; i++) {
            if (files[i].revents == 0)
                continue;
            ssize_t size = read(files[i].fd, &results[has[i]], sizeof *results);
            if (size < 0 && errno == EINTR)
                continue;
            outcomes[has[i]] = size > 0 ? OUTCOME_DONE : OUTCOME_LOST;
            if (size <= 0)
                crew->replace(&crew->worker[i]);
            has[i] = -1;
            over++;
        }
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return 0;
}
