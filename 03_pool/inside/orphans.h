/*
 * orphans.h: processes that tasks have started and that have lost their parent.
 *
 * The foreman adopts the processes that its descendants leave behind (prctl(2),
 * PR_SET_CHILD_SUBREAPER). It kills what a killed task had started, and spares what a task that
 * ended normally left running. It tells them apart by their start times, which the kernel gives to
 * a hundredth of a second (/proc/PID/stat).
 */
#ifndef ORPHANS_H
#define ORPHANS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MOST_KEPT   7
#define MOST_SPARED 256

/* The children that a worker had when it last went to sleep: tasks that had ended left them. */
struct kept {
    _Atomic int count;
    _Atomic pid_t pid[MOST_KEPT];
};

struct orphans {
    int64_t stamp, time; /* of orphans_adopt() */
    unsigned spared;     /* how many were spared; the last of them: */
    pid_t pid[MOST_SPARED];
};

/* By the worker, before it sleeps. */
void orphans_keep(struct kept *kept);

/* From now on, this process adopts what its descendants leave behind. */
void orphans_adopt(struct orphans *orphans);

/* Do not kill these: those that a worker kept, and all orphans that exist now. */
void orphans_spare_kept(struct orphans *orphans, struct kept *kept);
void orphans_spare(struct orphans *orphans, bool (*own)(pid_t));

/* Kill those that were started after the clock_stamp() `since`, and what these have started. */
void orphans_kill(struct orphans *orphans, int64_t since, bool (*own)(pid_t));

#endif
