/*
 * linux_memory.c: see linux_memory.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux_memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

size_t page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

void *wiped_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0)
        return page;
    munmap(page, size);
    return NULL;
}

/* Whether new mappings are locked, and so allocated at once: mlockall(MCL_FUTURE). */
static bool mappings_are_locked(void)
{
    unsigned char resident = 0;
    size_t size = page_size();
    void *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return true;
    if (mincore(page, 1, &resident) != 0)
        resident = 0;
    munmap(page, size);
    return (resident & 1) != 0;
}

/* Have each page locked when it is first touched or, if the system refuses that, not at all. */
static void lock_on_fault(void *memory, size_t size)
{
    if (syscall(SYS_mlock2, memory, size, MLOCK_ONFAULT) != 0)
        munlock(memory, size);
}

/* Map it inaccessible first, so that nothing is allocated before it is locked on fault. */
static void *map_locked(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return MAP_FAILED;
    lock_on_fault(memory, size);
    if (mprotect(memory, size, PROT_READ | PROT_WRITE) == 0)
        return memory;
    munmap(memory, size);
    return MAP_FAILED;
}

void *shared_map(size_t size)
{
    void *memory = mappings_are_locked()
                       ? map_locked(size)
                       : mmap(NULL, size, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    /* Not in core dumps: the kernel would search all of it while a crashed task waits. */
    madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

void shared_unmap(void *memory, size_t size)
{
    munmap(memory, size);
}

/* Sets *memory and *size to the whole pages. False: there are none. */
static bool whole_pages(char **memory, size_t *size)
{
    size_t mask = page_size() - 1;
    uintptr_t from = ((uintptr_t)*memory + mask) & ~(uintptr_t)mask;
    uintptr_t to = ((uintptr_t)*memory + *size) & ~(uintptr_t)mask;
    *memory += from - (uintptr_t)*memory;
    *size = to > from ? to - from : 0;
    return *size > 0;
}

/* Memory that is locked can't be removed (EINVAL): unlock it meanwhile. */
void shared_discard(void *memory, size_t size)
{
    char *at = memory;
    if (!whole_pages(&at, &size) || madvise(at, size, MADV_REMOVE) == 0 ||
        errno != EINVAL)
        return;
    munlock(at, size);
    madvise(at, size, MADV_REMOVE);
    lock_on_fault(at, size);
}

bool memory_populate(void *memory, size_t size)
{
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
    char *at = memory;
    int saved = errno;
    bool populated =
        !whole_pages(&at, &size) || madvise(at, size, MADV_POPULATE_WRITE) == 0;
    errno = saved;
    return populated;
}
