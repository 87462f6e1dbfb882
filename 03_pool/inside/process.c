/*
 * process.c: see process.h.
 */
#include "process.h"

#include <pthread.h>

#include "task.h"

unsigned process_generation = 1;

static void begin_generation(void)
{
    process_generation++;
}

static void register_handler(void)
{
    pthread_atfork(NULL, NULL, begin_generation);
}

unsigned task_process(void)
{
    return process_generation;
}

void process_watch_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_handler);
}
