/*
 * stack.h: stacks for the foreman and the workers.
 *
 * A forked process continues in the middle of its parent's functions. On a new stack it has no
 * callers: an exception that no task catches ends the worker, and does not run the program's
 * handlers. And the size of the stack does not depend on the thread that opened the pool.
 */
#ifndef STACK_H
#define STACK_H

#include <stdbool.h>
#include <stddef.h>

/* A new stack, with guard pages below it, as large as RLIMIT_STACK allows, but from 8 MiB to 1 GiB
 * (64 MiB if there is no limit). Returns its end, where it begins to grow. NULL: ENOMEM. */
void *stack_new(void);

/* Before the fork: is this the stack of the program's first thread? If so, the child calls
 * stack_leave() with a frame of its own, before it leaves that stack by stack_enter(). */
bool stack_is_first(void);
void stack_leave(const void *frame);

/* End this process, by SIGABRT, if it is back on the stack that it left: a task has returned to a
 * function of the program's by longjmp(). */
void stack_check(void);

/* Make the frames of the program's first thread read-only, from the one given to stack_leave() up
 * to main()'s: after a longjmp() to one of them, the process crashes at the next call or write
 * there. The environment, an array behind main()'s frame, is copied below *end before that, and
 * *end is set to the copy. First stack_copy_environment(), then, on the new stack, stack_seal(). */
void stack_copy_environment(void **end);
void stack_seal(void);

/* Call function(argument) at the end of the stack, as if nothing had called it. What was on that
 * stack is overwritten. The function must not return. */
_Noreturn void stack_enter(void *end, void (*function)(void *), void *argument);

#endif
