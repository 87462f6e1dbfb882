/*
 * orphans.h: processes that tasks have started and that have lost their parent.
 *
 * The foreman adopts the processes that its descendants leave behind (prctl(2),
 * PR_SET_CHILD_SUBREAPER). It kills what a killed task had started, and spares what a task that
 * ended normally left running. It tells them apart by their start times, which the kernel gives to
 * a hundredth of a second (/proc/PID/stat), and by what workers keep (struct kept). Nothing tells
 * which worker an orphan comes from. So an orphan that no worker kept, and that was started after
 * the killed task began, is killed with it, whatever task has started it.
 */
#ifndef ORPHANS_H
#define ORPHANS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MOST_KEPT   7
#define MOST_SPARED 256

/* The children that a worker had when it last went to sleep, or when it left by itself, at most
 * MOST_KEPT of them: its ended tasks left them running, so they are spared when another task is
 * killed. */
struct kept {
    _Atomic int count;
    _Atomic pid_t pid[MOST_KEPT];
};

struct orphans {
    int64_t stamp, time;    /* when orphans_adopt() was called, by two clocks */
    unsigned spared;        /* how many were spared ... */
    pid_t pid[MOST_SPARED]; /* ... and the last of them */
};

/* By the worker, before it sleeps or leaves. */
void orphans_keep(struct kept *kept);

/* From now on, this process adopts what its descendants leave behind. */
void orphans_adopt(struct orphans *orphans);

/* From now on, spare the processes that a worker kept. */
void orphans_spare_kept(struct orphans *orphans, struct kept *kept);

bool orphans_is_kept(struct kept *kept, pid_t pid);

/* Kill those that were started after the clock_stamp() `since`, and what these have started, but
 * not a process for which exempt(pid) is true. */
void orphans_kill(struct orphans *orphans, int64_t since, bool (*exempt)(pid_t));

#endif
