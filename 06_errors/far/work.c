/*
 * work.c: see work.h. Each function is as in the rest of chapter 6: it returns 0 or calls
 * task_error(), and knows nothing of machines.
 */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc.h"
#include "demo.h"
#include "error.h"
#include "sum.h"

static pid_t node;

static int do_work(void *argument, void *result)
{
    const struct square *square = argument;
    demo_sleep(square->milliseconds / 1e3);
    if (square->how == SQUARE_CRASHES)
        raise(SIGSEGV);
    if (square->how == SQUARE_KILLS_NODE)
        kill(node, SIGKILL);
    if (square->how == SQUARE_FAILS)
        return task_error("OW!");
    *(int *)result = square->task * square->task;
    return 0;
}

static int checksum(void *name, void *sum)
{
    struct stat status;
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return NOT_REGULAR;
    return sum_up(name, sum) == 0 ? 0 : task_error("%s", strerror(errno));
}

static int compute(void *argument, void *result)
{
    double end = demo_clock() + (double)*(long *)argument / 1e6;
    while (demo_clock() < end)
        continue;
    *(long *)result = *(long *)argument;
    return 0;
}

static int nap(void *argument, void *result)
{
    if (*(long *)argument > 0)
        demo_sleep((double)*(long *)argument / 1e6);
    *(long *)result = *(long *)argument;
    return 0;
}

/* O_APPEND: lines of several workers do not overwrite each other. */
static int append_line(const struct append *append)
{
    char line[32];
    int length = snprintf(line, sizeof line, "%d\n", append->number);
    int file = open(append->file, O_WRONLY | O_APPEND | O_CREAT, 0644);
    if (file < 0 || write(file, line, (size_t)length) != length)
        return task_error("%s: %s", append->file, strerror(errno));
    close(file);
    return 0;
}

static int append(void *argument, void *result)
{
    const struct append *order = argument;
    *(int *)result = order->number;
    if (append_line(order) != 0)
        return TASK_ERROR;
    demo_sleep(order->milliseconds / 1e3);
    return 0;
}

/*
 * Only one of several runs can create the note; it appends the line. If that run dies between
 * the two steps, the line is missing for good: only a file system or a database that does both
 * in one transaction can exclude that.
 */
static int append_once(void *argument, void *result)
{
    const struct append *order = argument;
    char note[sizeof order->file + 16];
    *(int *)result = order->number;
    snprintf(note, sizeof note, "%s.%d", order->file, order->number);
    int file = open(note, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file < 0 && errno != EEXIST)
        return task_error("%s: %s", note, strerror(errno));
    if (file >= 0 && (close(file) != 0 || append_line(order) != 0))
        return TASK_ERROR;
    demo_sleep(order->milliseconds / 1e3);
    return 0;
}

const struct work works[] = {
    {"do_work", do_work, sizeof(struct square), sizeof(int)},
    {"checksum", checksum, 1, sizeof(struct sum)},
    {"compute", compute, sizeof(long), sizeof(long)},
    {"nap", nap, sizeof(long), sizeof(long)},
    {"append", append, sizeof(struct append), sizeof(int)},
    {"append_once", append_once, sizeof(struct append), sizeof(int)},
    {.name = NULL},
};

void work_prepare(void)
{
    node = getpid();
    crc_prepare();
}
