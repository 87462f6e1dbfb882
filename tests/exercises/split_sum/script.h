/*
 * script.h: exercise 3, what stage and judge agree on.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "message.h"

enum {
    KIND_ADD_UP = KIND_FIRST
}; /* value: first, count */

#define UNTOUCHED (-1234567l) /* *total before the call */

#endif
