/* Looks at both pipes of each worker before it writes, and replaces the dead at once. */
#include "lost_worker.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define NOTHING ((size_t)-1)

static void nothing(int number)
{
    (void)number;
}

int run_tasks(struct crew *crew, const long *inputs, long *results,
              enum outcome *outcomes, size_t count)
{
    struct sigaction action = {.sa_handler = nothing}, before;
    size_t next = 0, over = 0, has[CREW_MOST];
    sigaction(SIGPIPE, &action, &before);
    memset(has, -1, sizeof has);
    while (over < count) {
        struct pollfd from[CREW_MOST], to[CREW_MOST];
        for (int i = 0; i < crew->workers; i++) {
            bool wanted = has[i] == NOTHING && next < count;
            from[i] = (struct pollfd){.fd = crew->worker[i].from, .events = POLLIN};
            to[i] =
                (struct pollfd){.fd = crew->worker[i].to, .events = wanted ? POLLOUT : 0};
        }
        poll(from, (nfds_t)crew->workers, 1);
        poll(to, (nfds_t)crew->workers, 0);
        for (int i = 0; i < crew->workers; i++) {
            long result;
            if (from[i].revents & POLLIN) {
                if (read(from[i].fd, &result, sizeof result) == sizeof result) {
                    results[has[i]] = result;
                    outcomes[has[i]] = OUTCOME_DONE;
                    over++;
                    has[i] = NOTHING;
                }
            } else if (from[i].revents != 0 || (to[i].revents & POLLERR) != 0) {
                if (has[i] != NOTHING) {
                    outcomes[has[i]] = OUTCOME_LOST;
                    over++;
                    has[i] = NOTHING;
                }
                crew->replace(&crew->worker[i]);
            } else if ((to[i].revents & POLLOUT) != 0 && next < count &&
                       write(to[i].fd, &inputs[next], sizeof *inputs) > 0) {
                has[i] = next++;
            }
        }
    }
    sigaction(SIGPIPE, &before, NULL);
    return 0;
}
