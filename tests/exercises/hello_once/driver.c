/*
 * driver.c: exercise 2, in the learner's program.
 */
#include "driver.h"

#include <stdio.h>
#include <unistd.h>

#include "hello_once.h"
#include "protocol.h"

/* The judge says when, so that it knows which process is first. */
void introduce(const char *who)
{
    driver_ask(KIND_INTRODUCE, 0, 0);
    printf("%ld is the %s\n", (long)getpid(), who);
}

void driver_act(struct message *message)
{
    message->value[0] = hello_once();
}
