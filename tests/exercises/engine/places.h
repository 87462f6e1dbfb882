/*
 * places.h: what the learner's program, and the compiler, need of the system. NULL ends each list.
 */
#ifndef PLACES_H
#define PLACES_H

/* To read: programs, libraries, their settings. */
extern const char *const system_places[];

/* To read and write. */
extern const char *const devices[];

#endif
