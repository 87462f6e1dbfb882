/*
 * array.h: an array of pointers that grows, in the program's own memory.
 *
 * It doubles when it is full. Of the new space, up to 2 MiB at a time are used and, if it is 64 KiB
 * or more, allocated ahead, to take fewer page faults. The rest takes no memory.
 */
#ifndef ARRAY_H
#define ARRAY_H

#include <stddef.h>

/* The array has *places places, of which the caller may use *capacity, and uses all: make more.
 * Returns the array, which may have moved. NULL: ENOMEM, and nothing has changed. */
void *array_grow(void *array, size_t *capacity, size_t *places);

#endif
