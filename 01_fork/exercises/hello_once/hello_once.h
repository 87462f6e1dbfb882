/*
 * hello_once.h: exercise 2. The task is in README.md.
 */
#ifndef HELLO_ONCE_H
#define HELLO_ONCE_H

int hello_once(void);

/* Prints a line with printf(): "4711 is the parent". It is part of the harness. */
void introduce(const char *who);

#endif
