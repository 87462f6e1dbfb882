/*
 * driver.c: exercise 9, in the learner's program.
 *
 * An item has its number in its first byte and a pattern behind. A worker adds a key, known to
 * the judge, to each byte.
 */
#include "driver.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ordered_map.h"
#include "protocol.h"

static struct item inputs[MOST_ITEMS], results[MOST_ITEMS];
static struct hall hall;
static pid_t pids[HALL_MOST];

static unsigned char pattern(size_t item, size_t at)
{
    return (unsigned char)(at == 0 ? item : at * 31 + (at >> 8) + item * 7);
}

static void fill(void)
{
    memset(results, 0, sizeof results);
    for (size_t i = 0; i < MOST_ITEMS; i++)
        for (size_t at = 0; at < sizeof *inputs; at++)
            inputs[i].bytes[at] = pattern(i, at);
}

/* All of an item, in or out. False at the end. */
static bool move(int file, struct item *item, bool out)
{
    for (size_t size = 0; size < sizeof *item;) {
        unsigned char *at = item->bytes + size;
        size_t rest = sizeof *item - size;
        ssize_t count = out ? write(file, at, rest) : read(file, at, rest);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        size += (size_t)count;
    }
    return true;
}

static _Noreturn void work(int worker, int in, int out)
{
    static struct item item;
    while (move(in, &item, false)) {
        long key = driver_ask(KIND_BEGIN, worker, item.bytes[0]);
        if (key == KEY_DIE)
            _exit(1);
        for (size_t at = 0; at < sizeof item; at++)
            item.bytes[at] = (unsigned char)(item.bytes[at] + key);
        if (!move(out, &item, true))
            break;
    }
    _exit(0);
}

static void start_worker(int worker)
{
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) {
        perror("pipe");
        exit(1);
    }
    pids[worker] = fork();
    if (pids[worker] == 0) {
        for (int i = 0; i < worker; i++) {
            close(hall.to[i]);
            close(hall.from[i]);
        }
        close(to[1]);
        close(from[0]);
        work(worker, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    hall.to[worker] = to[1];
    hall.from[worker] = from[0];
}

/* The key that was added to this item, if it is one of ours: its number and the key; else -1. */
static void report(size_t place)
{
    const unsigned char *bytes = results[place].bytes;
    for (size_t item = 0; item < MOST_ITEMS; item++) {
        unsigned char key = (unsigned char)(bytes[0] - item);
        size_t at = 0;
        while (at < sizeof *results &&
               bytes[at] == (unsigned char)(pattern(item, at) + key))
            at++;
        if (at == sizeof *results) {
            struct message message = {.kind = KIND_RESULT,
                                      .value = {(long)place, (long)item, key}};
            driver_exchange(&message);
            return;
        }
    }
    driver_ask(KIND_RESULT, (long)place, -1);
}

void driver_act(struct message *message)
{
    size_t count = (size_t)message->value[1];
    hall.workers = (int)message->value[0];
    fill();
    for (int i = 0; i < hall.workers; i++)
        start_worker(i);
    int returned = ordered_map(&hall, inputs, results, count);
    for (size_t i = 0; i < count && returned == 0; i++)
        report(i);
    for (int i = 0; i < hall.workers; i++) {
        close(hall.to[i]);
        close(hall.from[i]);
    }
    for (int i = 0; i < hall.workers; i++)
        while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
            continue;
    message->value[0] = returned;
}
