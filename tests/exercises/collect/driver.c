/*
 * driver.c: exercise 4, in the learner's program.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect.h"
#include "protocol.h"

static struct record records[ROOM];
static bool in_pieces;

static void fill(struct record *record, int child, int number)
{
    memset(record, 0, sizeof *record);
    record->child = child;
    record->number = number;
    snprintf(record->text, sizeof record->text, "record %d of child %d", number, child);
}

static bool put(int out, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t count = write(out, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

/* The reader gets one record and a half, then the rest. */
static bool put_in_pieces(int out, const struct record *both)
{
    size_t half = sizeof *both + sizeof *both / 2;
    if (!put(out, both, half))
        return false;
    driver_ask(KIND_PIECE, 0, 0);
    return put(out, (const char *)both + half, 2 * sizeof *both - half);
}

void produce(int child, int out)
{
    long count = driver_ask(KIND_PRODUCE, child, out);
    for (int i = 0; i < count; i++) {
        struct record two[2];
        fill(&two[0], child, i);
        fill(&two[1], child, i + 1);
        bool pair = in_pieces && i + 1 < count;
        if (!(pair ? put_in_pieces(out, two) : put(out, two, sizeof *two)))
            break;
        i += pair;
    }
    driver_ask(KIND_PRODUCED, 0, 0);
}

/* How many of the records are whole, and different from those before. */
static long count_good(long count)
{
    static bool seen[64][ROOM];
    long good = 0;
    memset(seen, 0, sizeof seen);
    for (long i = 0; i < count && i < ROOM; i++) {
        struct record is = records[i], must;
        if (is.child < 0 || is.child >= 64 || is.number < 0 || is.number >= ROOM)
            continue;
        fill(&must, is.child, is.number);
        if (memcmp(&is, &must, sizeof is) == 0 && !seen[is.child][is.number]) {
            seen[is.child][is.number] = true;
            good++;
        }
    }
    return good;
}

void driver_act(struct message *message)
{
    int children = (int)message->value[1];
    memset(records, 0, sizeof records);
    in_pieces = message->value[0] == CUE_PIECES;
    if (message->value[0] == CUE_INTERRUPT)
        driver_interruptible(SIGUSR1);
    long count = collect(children, records, ROOM);
    message->value[0] = count;
    message->value[1] = count_good(count);
}
