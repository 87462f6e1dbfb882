/*
 * sum.h: what cksum prints of a file: its CRC and its length. `checksum` computes it in a
 * worker of its own pool, far/node in a worker of a pool on another machine.
 */
#ifndef SUM_H
#define SUM_H

#include <stdint.h>

struct sum {
    uint32_t crc;
    uint64_t length;
};

/* Read the file to its end and fill *sum. A null name is standard input. Call crc_prepare()
 * first. Returns 0, or -1 with errno as open(2) or read(2). */
int sum_up(const char *name, struct sum *sum);

#endif
