// One comparison of 64 bytes, which no Swift SIMD type can turn into a word with a bit a byte.
#ifndef WATCHD_CBYTEMASK_H
#define WATCHD_CBYTEMASK_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Bit n is set where byte n of the 64 bytes is the separator or below 0x10 (TAB, LF, CR and what the caller
// must tell from them). The bytes may lie at any address.
static inline uint64_t byte_mask_of_stops(const void *bytes, uint8_t separator) {
#if defined(__SSE2__)
  // SSE2 is part of every x86-64.
  const __m128i separators = _mm_set1_epi8((char)separator);
  const __m128i high = _mm_set1_epi8((char)0xF0);
  const __m128i zero = _mm_setzero_si128();
  uint64_t mask = 0;
  for (int part = 0; part < 4; part++) {
    __m128i chunk = _mm_loadu_si128((const __m128i *)bytes + part);
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(chunk, separators),
                                 _mm_cmpeq_epi8(_mm_and_si128(chunk, high), zero));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * part);
  }
  return mask;
#else
  uint64_t mask = 0;
  for (int index = 0; index < 64; index++) {
    uint8_t byte = ((const uint8_t *)bytes)[index];
    mask |= (uint64_t)(byte == separator || byte < 0x10) << index;
  }
  return mask;
#endif
}

#endif
