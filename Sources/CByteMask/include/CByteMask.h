// Comparisons of 64 bytes, which no Swift SIMD type can turn into a word with a bit a byte.
#ifndef WATCHD_CBYTEMASK_H
#define WATCHD_CBYTEMASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CSHA256.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Bit n is set where the 64 bytes at both places have the same byte n.
static inline uint64_t byte_mask_of_equal(const uint8_t *left, const uint8_t *right) {
  uint64_t mask = 0;
#if defined(__SSE2__)
  for (int part = 0; part < 4; part++) {
    __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)left + part),
                                   _mm_loadu_si128((const __m128i *)right + part));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * part);
  }
#else
  for (int index = 0; index < 64; index++) mask |= (uint64_t)(left[index] == right[index]) << index;
#endif
  return mask;
}

// What one 64 bytes have to know of those before them. All zero but `begins` at the start of a record.
struct field_scan {
  // All ones within quotes.
  uint64_t inside;
  // 1 where the byte before ended a field, or nothing is before.
  uint64_t begins;
  // 1 where the byte before was a quote that closes, unless another one follows.
  uint64_t closed;
  // Not zero once there was a quote.
  uint64_t quotes;
};

// Offsets that `find_field_ends` gives, in the order of the bytes.
struct offset_list {
  // Room for as many as there are bytes, and eight more.
  uint32_t *offsets;
  size_t count;
};

// Finds where fields end: at a separator or line end (CR, LF) outside quotes. And what lies within quotes and has to be
// known: line ends, and of two quotes that stand for one the second. Looks at `words` times 64 bytes and stops
// before the 64 in which a quote stands that neither opens a field at its first byte, nor closes one at its last,
// nor is one of such two; what it gives is exact.
//
// `origin` is added to the offsets, which count from `bytes`. Returns how many of `words` were looked at.
size_t find_field_ends(struct field_scan *scan, const uint8_t *bytes, size_t words,
                       uint8_t separator, uint32_t origin, struct offset_list *ends,
                       struct offset_list *within);

// The same, and takes `count` blocks into a hash on the way, all of them whatever is found (CSHA256.h). `plain` is set to how
// many of `words`, from the first on, hold nothing but ASCII without NUL.
size_t find_field_ends_hashing(struct field_scan *scan, const uint8_t *bytes, size_t words,
                               uint8_t separator, uint32_t origin, struct offset_list *ends,
                               struct offset_list *within, size_t *plain,
                               struct sha256_state *hash, const uint8_t *blocks, size_t count);

// Asks the processor to fetch what lies there.
static inline void fetch_ahead(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
