/*
 * run_tasks.h: exercise 5. The task is in README.md.
 */
#ifndef RUN_TASKS_H
#define RUN_TASKS_H

int run_tasks(int workers, int tasks);

/* Does task number `task`. Some take longer than others. It is part of the harness. */
void do_task(int task);

#endif
