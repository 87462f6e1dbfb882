/*
 * stage.c: exercise 3, in the learner's program.
 */
#include "stage.h"

#include "script.h"
#include "split_sum.h"

/* The judge has the numbers. */
long add_up(size_t first, size_t count)
{
    return stage_ask(KIND_ADD_UP, (long)first, (long)count);
}

void stage_act(struct message *message)
{
    long total = UNTOUCHED;
    message->value[0] =
        split_sum((size_t)message->value[0], (int)message->value[1], &total);
    message->value[1] = total;
}
