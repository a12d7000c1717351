//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "CEventsSQLite.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

// The reversed Castagnoli polynomial.
#define POLYNOMIAL 0x82F63B78u

// Slicing by eight: tables[k][b] is the checksum of byte b followed by k zero bytes, so that eight bytes need eight look-ups
// that do not wait for one another.
static uint32_t tables[8][256];
static bool has_hardware;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        tables[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int k = 1; k < 8; k++) {
            uint32_t previous = tables[k - 1][byte];
            tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xFF];
        }
    }
#if defined(__x86_64__)
    has_hardware = __builtin_cpu_supports("sse4.2");
#elif defined(__ARM_FEATURE_CRC32)
    has_hardware = true;
#endif
}

// Eight bytes as a little-endian number, wherever they lie.
static inline uint64_t load(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint32_t portable(uint32_t crc, const unsigned char *bytes, size_t count) {
    while (count >= 8) {
        uint64_t word = load(bytes) ^ crc;
        crc = tables[7][word & 0xFF] ^ tables[6][(word >> 8) & 0xFF] ^ tables[5][(word >> 16) & 0xFF] ^
              tables[4][(word >> 24) & 0xFF] ^ tables[3][(word >> 32) & 0xFF] ^ tables[2][(word >> 40) & 0xFF] ^
              tables[1][(word >> 48) & 0xFF] ^ tables[0][word >> 56];
        bytes += 8;
        count -= 8;
    }
    while (count-- > 0) crc = (crc >> 8) ^ tables[0][(crc ^ *bytes++) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t hardware(uint32_t crc, const unsigned char *bytes, size_t count) {
    uint64_t wide = crc;
    for (; count >= 8; bytes += 8, count -= 8) wide = _mm_crc32_u64(wide, load(bytes));
    crc = (uint32_t)wide;
    while (count-- > 0) crc = _mm_crc32_u8(crc, *bytes++);
    return crc;
}
#elif defined(__ARM_FEATURE_CRC32)
static uint32_t hardware(uint32_t crc, const unsigned char *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) crc = __crc32cd(crc, load(bytes));
    while (count-- > 0) crc = __crc32cb(crc, *bytes++);
    return crc;
}
#else
#define hardware portable
#endif

uint32_t events_crc32c(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&prepared, prepare);
    return ~(has_hardware ? hardware(~crc, bytes, count) : portable(~crc, bytes, count));
}

uint32_t events_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&prepared, prepare);
    return ~portable(~crc, bytes, count);
}
