/*
 * crc.h: the checksum that POSIX prescribes for cksum: the CRC of the bytes and, behind
 * them, of their number.
 *
 *     crc = crc_add(0, data, size);
 *     crc = crc_add(crc, more, more_size);
 *     printf("%u\n", (unsigned)crc_finish(crc, size + more_size));
 */
#ifndef CRC_H
#define CRC_H

#include <stddef.h>
#include <stdint.h>

/* Compute the tables. Call it once, before any fork: children inherit them. */
void crc_prepare(void);

uint32_t crc_add(uint32_t crc, const void *data, size_t size);
uint32_t crc_finish(uint32_t crc, uint64_t length);

#endif
