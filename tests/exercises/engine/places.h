/*
 * places.h: what the learner's program, and the compiler, need of the system. NULL ends each list.
 */
#ifndef PLACES_H
#define PLACES_H

extern const char
    *const system_places[];         /* to read: programs, libraries, their settings */
extern const char *const devices[]; /* to read and write */

#endif
