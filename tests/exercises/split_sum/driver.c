/*
 * driver.c: exercise 3, in the learner's program.
 */
#include "driver.h"

#include "protocol.h"
#include "split_sum.h"

/* The judge has the numbers. */
long add_up(size_t first, size_t count)
{
    return driver_ask(KIND_ADD_UP, (long)first, (long)count);
}

void driver_act(struct message *message)
{
    long total = UNTOUCHED;
    driver_let_fail(message->value[2]);
    message->value[0] =
        split_sum((size_t)message->value[0], (int)message->value[1], &total);
    message->value[1] = total;
}
