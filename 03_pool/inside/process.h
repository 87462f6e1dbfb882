/*
 * process.h: which process this is, for the price of a load.
 */
#ifndef PROCESS_H
#define PROCESS_H

/*
 * A number that fork() increases in the child. A process that stored it can tell later whether
 * it is still the same process. It counts once process_watch_forks() was called.
 */
extern unsigned process_generation;

void process_watch_forks(void);

#endif
