/*
 * crc.c: see crc.h.
 *
 * A CRC takes the data for one long polynomial, whose coefficients are the bits, most
 * significant bit first, and is the remainder of a division by another polynomial, here
 * (IEEE Std 1003.1, cksum)
 *
 *     x^32 + x^26 + x^23 + x^22 + x^16 + x^12 + x^11 + x^10 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1
 *
 * Addition and subtraction of such polynomials are both "exclusive or".
 */
#include "crc.h"

#define POLYNOMIAL UINT32_C(0x04c11db7) /* without x^32 */

/* table[0][b] is the CRC of the byte b, table[k][b] that of b and k zero bytes. */
static uint32_t table[8][256];

static uint32_t times_x(uint32_t remainder)
{
    return remainder << 1 ^ (remainder >> 31 != 0 ? POLYNOMIAL : 0);
}

static uint32_t add_byte(uint32_t crc, unsigned byte)
{
    return crc << 8 ^ table[0][crc >> 24 ^ byte];
}

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * Eight bytes at a time. The CRC of a sum is the sum of the CRCs, so each byte is looked up
 * by itself, in the table for as many bytes as follow it: eight look-ups that need not wait
 * for each other. This is "slicing-by-8": M. Kounavis and F. Berry, "Novel Table
 * Lookup-Based Algorithms for High-Performance CRC Generation", IEEE Transactions on
 * Computers 57 (2008).
 */
static uint32_t add_by_table(uint32_t crc, const unsigned char *p, size_t size)
{
    for (; size >= 8; p += 8, size -= 8) {
        crc ^= big_endian(p);
        crc = table[7][crc >> 24] ^ table[6][crc >> 16 & 0xff] ^
              table[5][crc >> 8 & 0xff] ^ table[4][crc & 0xff] ^ table[3][p[4]] ^
              table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    }
    for (; size > 0; p++, size--)
        crc = add_byte(crc, *p);
    return crc;
}

#if defined __x86_64__ && !defined CRC_BY_TABLE_ONLY
#include <tmmintrin.h>
#include <wmmintrin.h>

#define BLOCK   ((size_t)16)
#define STRIDE  (4 * BLOCK)
#define FOLDING __attribute__((target("pclmul,ssse3")))

/* x^n, as a remainder, for a distance of a stride and of a block: high half, low half. */
static uint32_t over_stride[2], over_block[2];

static uint32_t power_of_x(int n)
{
    uint32_t remainder = 1;
    while (n-- > 0)
        remainder = times_x(remainder);
    return remainder;
}

static void prepare_folding(void)
{
    over_stride[0] = power_of_x(8 * STRIDE + 64);
    over_stride[1] = power_of_x(8 * STRIDE);
    over_block[0] = power_of_x(8 * BLOCK + 64);
    over_block[1] = power_of_x(8 * BLOCK);
}

FOLDING static __m128i reverse(__m128i block)
{
    return _mm_shuffle_epi8(
        block, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

FOLDING static __m128i load(const unsigned char *p)
{
    return reverse(_mm_loadu_si128((const void *)p));
}

FOLDING static __m128i fold(__m128i block, __m128i factors, __m128i onto)
{
    __m128i high = _mm_clmulepi64_si128(block, factors, 0x11);
    __m128i low = _mm_clmulepi64_si128(block, factors, 0x00);
    return _mm_xor_si128(_mm_xor_si128(high, low), onto);
}

/*
 * These processors multiply such polynomials, 64 bits by 64, in one instruction. A block
 * that stands n bits before another counts x^n times as much; so, multiplied by the
 * remainder of x^n and added to the other, it can be left out, and the remainder of the
 * whole stays the same. Block after block is folded onto the next that way until one is
 * left, whose CRC the table knows; four side by side, as a product takes several cycles. V. Gopal
 * and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction",
 * Intel 2009.
 */
FOLDING static uint32_t add_by_folding(uint32_t crc, const unsigned char *p, size_t size)
{
    const __m128i stride = _mm_set_epi64x(over_stride[0], over_stride[1]);
    const __m128i block = _mm_set_epi64x(over_block[0], over_block[1]);
    __m128i sum[4];
    unsigned char left[BLOCK];
    for (size_t i = 0; i < 4; i++)
        sum[i] = load(p + i * BLOCK);
    sum[0] = _mm_xor_si128(sum[0], _mm_set_epi32((int)crc, 0, 0, 0));
    for (p += STRIDE, size -= STRIDE; size >= STRIDE; p += STRIDE, size -= STRIDE)
        for (size_t i = 0; i < 4; i++)
            sum[i] = fold(sum[i], stride, load(p + i * BLOCK));
    for (int i = 1; i < 4; i++)
        sum[0] = fold(sum[0], block, sum[i]);
    _mm_storeu_si128((void *)left, reverse(sum[0]));
    return add_by_table(add_by_table(0, left, BLOCK), p, size);
}

static uint32_t add(uint32_t crc, const unsigned char *p, size_t size)
{
    if (size >= STRIDE && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("ssse3"))
        return add_by_folding(crc, p, size);
    return add_by_table(crc, p, size);
}

#else

static void prepare_folding(void)
{
}

static uint32_t add(uint32_t crc, const unsigned char *p, size_t size)
{
    return add_by_table(crc, p, size);
}

#endif

void crc_prepare(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t crc = byte << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = times_x(crc);
        table[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int byte = 0; byte < 256; byte++)
            table[k][byte] = add_byte(table[k - 1][byte], 0);
    prepare_folding();
}

uint32_t crc_add(uint32_t crc, const void *data, size_t size)
{
    return add(crc, data, size);
}

/* The length follows in as many bytes as it has, least significant byte first. */
uint32_t crc_finish(uint32_t crc, uint64_t length)
{
    for (; length > 0; length >>= 8)
        crc = add_byte(crc, length & 0xff);
    return ~crc;
}
