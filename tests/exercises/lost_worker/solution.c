/* solution.c: exercise 12, the reference. */
#include "lost_worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#define NOTHING ((size_t)-1)

static ssize_t read_result(int from, long *result)
{
    ssize_t count;
    do
        count = read(from, result, sizeof *result);
    while (count < 0 && errno == EINTR);
    return count;
}

int run_tasks(struct crew *crew, const long *inputs, long *results,
              enum outcome *outcomes, size_t count)
{
    size_t has[CREW_MOST]; /* which input each worker has */
    size_t next = 0, over = 0;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < crew->workers; i++)
        has[i] = NOTHING;
    while (over < count) {
        struct pollfd busy[CREW_MOST];
        for (int i = 0; i < crew->workers; i++) {
            while (has[i] == NOTHING && next < count) {
                if (write(crew->worker[i].to, &inputs[next], sizeof *inputs) > 0)
                    has[i] = next++;
                else
                    crew->replace(&crew->worker[i]); /* EPIPE: not begun */
            }
            busy[i].fd = has[i] != NOTHING ? crew->worker[i].from : -1;
            busy[i].events = POLLIN;
        }
        if (poll(busy, (nfds_t)crew->workers, -1) < 0)
            continue; /* EINTR */
        for (int i = 0; i < crew->workers; i++) {
            long result;
            if (busy[i].fd < 0 || busy[i].revents == 0)
                continue;
            if (read_result(busy[i].fd, &result) == sizeof result) {
                results[has[i]] = result;
                outcomes[has[i]] = OUTCOME_DONE;
            } else {
                outcomes[has[i]] = OUTCOME_LOST;
                crew->replace(&crew->worker[i]);
            }
            has[i] = NOTHING;
            over++;
        }
    }
    signal(SIGPIPE, before);
    return 0;
}
