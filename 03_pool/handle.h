/*
 * handle.h: whose pool a struct pool is, and whether it is open.
 */
#ifndef HANDLE_H
#define HANDLE_H

#include <stdbool.h>

struct pool;

/*
 * Counted up by fork() in the child, so that a process can tell, for the price of a load,
 * whether it is still the one it was. It counts from the first handle_get() on.
 */
extern unsigned process_generation;

/* Say in errno why it isn't this process's: EINVAL (closed, or NULL) or EPERM. */
void handle_refuse(const struct pool *pool);

/* A struct pool that is this process's, all else in it zero; NULL and ENOMEM. */
struct pool *handle_get(void);

/* Take it back. The memory is kept for the next handle_get(), so that the use of a closed
 * pool is an error, not a stray pointer: until then, at least. */
void handle_put(struct pool *pool);

#endif
