/*
 * linux_memory.h: mappings of memory, by calls that POSIX does not have.
 */
#ifndef LINUX_MEMORY_H
#define LINUX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes in a page of memory: 4 KiB, 16 KiB or 64 KiB. */
size_t page_size(void);

/* A page of memory that is all zero in each new child, whatever is written to it here. NULL: the
 * kernel can't do that. */
void *wiped_page(void);

/* Memory that child processes share, all zero. It is allocated where it is touched, also after
 * mlockall(MCL_FUTURE), and stays out of core dumps. NULL and errno when refused. */
void *shared_map(size_t size);
void shared_unmap(void *memory, size_t size);

/* Give the whole pages of it back to the system; they read as zero then. */
void shared_discard(void *memory, size_t size);

/* Allocate the whole pages of it, which are in one mapping, and let this process reach them
 * without page faults. False: the kernel can't, or there is not enough memory. */
bool memory_populate(void *memory, size_t size);

#endif
