/*
 * landlock.h: a fence around files, where there are no namespaces. It needs no privilege, but
 * Linux 5.13.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>

/*
 * From now on this process and its children read the system's programs and libraries only, and
 * read and write below these directories (NULL ends the list). With Linux 6.12 they signal no
 * process but their own. `program`: a file that may be executed, or -1. False: no such fence.
 */
bool landlock_enter(const char *const writable[], int program);

#endif
