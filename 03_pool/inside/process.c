/*
 * process.c: see process.h.
 */
#include "process.h"

#include <pthread.h>

#include "linux_memory.h"
#include "task.h"

static unsigned ordinary; /* used where there is no page: a fork copies it */
static unsigned *page = &ordinary;
static unsigned given; /* the last number taken or reserved, here or by an ancestor */

const unsigned *process_page = &ordinary;

/* For a kernel that can't wipe the page: Linux before 4.14, qemu. Elsewhere it is 0 already, but
 * reading it first would cost a worker, which writes its number next, a second page fault. */
static void wipe(void)
{
    *page = 0;
}

void process_watch(void)
{
    if (page == &ordinary) {
        unsigned *wiped = wiped_page();
        pthread_atfork(NULL, NULL, wipe);
        if (wiped != NULL)
            process_page = page = wiped;
    }
    if (*page == 0)
        *page = ++given;
}

void process_reserve(void)
{
    given++;
}

void process_take(void)
{
    *page = given;
}

unsigned task_process(void)
{
    return process_number();
}
