/*
 * tie.h: a pipe by which a process is told that another has ended.
 *
 * The kernel can send a signal when the parent ends (prctl(2), PR_SET_PDEATHSIG), but forgets that
 * when the process changes its user, as a task may do. A pipe is not forgotten: one process holds
 * its end for writing, another watches its end for reading, and when the holder is gone, killed or
 * not, the kernel sends the watcher a signal (fcntl(2), O_ASYNC and F_SETSIG).
 */
#ifndef TIE_H
#define TIE_H

#include <stdbool.h>
#include <sys/types.h>

struct tie {
    int watched, held; /* the ends for reading and for writing; -1: there is no tie */
    ino_t pipe;
};

#define NO_TIE ((struct tie){.watched = -1, .held = -1})

struct tie tie_make(void);
void tie_close(int *end);

/* Close the held end, unless the program has closed it and uses the number for another file. */
void tie_let_go(struct tie *tie);

/* Close the held end, and have the kernel send this process that signal when no process has it open
 * any more. */
void tie_watch(struct tie *tie, int signal);

/* For each of several children that the holder forks. Before the fork, the holder gets a descriptor
 * for this child alone; it closes it after the fork. -1: none could be made. */
int tie_again(struct tie *tie);

/* In the child: tie_watch() by that descriptor. It closes the held end, which it has inherited. */
void tie_watch_alone(const struct tie *tie, int own, int signal);

/* Whether no process has the held end open any more. */
bool tie_is_cut(const struct tie *tie);

#endif
