/*
 * protocol.h: exercise 9, what driver and judge agree on.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "message.h"

enum {
    KIND_BEGIN =
        KIND_FIRST, /* a worker has read an item. value: worker, item. Reply: a key */
    KIND_RESULT     /* after all. value: item, the key found in its result, or -1 */
};

/* A cue. value: workers, items. */

#define MOST_ITEMS 16
#define KEY_DIE    (-1l) /* reply to KIND_BEGIN: the worker ends, with the item */

#endif
