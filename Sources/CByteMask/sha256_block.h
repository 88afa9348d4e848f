// One block of SHA-256, to be compiled into loops that do something else besides.
#ifndef WATCHD_SHA256_BLOCK_H
#define WATCHD_SHA256_BLOCK_H

#include "CSHA256.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

// All processors with the SHA instructions have the others, too.
#define WITH_SHA __attribute__((target("sha,sse4.1,popcnt")))

// FIPS 180-4, 4.2.2.
static const uint32_t sha256_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

WITH_SHA
static inline __attribute__((always_inline)) void sha256_block(__m128i *feba, __m128i *hgdc,
                                                               const uint8_t *block) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i state0 = *feba, state1 = *hgdc;
  // Sixteen words of the message schedule at a time.
  __m128i words[4];
  for (int index = 0; index < 4; index++) {
    words[index] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + index), big_endian);
  }
#pragma clang loop unroll(full)
  for (int step = 0; step < 16; step++) {
    const __m128i word = words[step & 3];
    const __m128i sum =
        _mm_add_epi32(word, _mm_load_si128((const __m128i *)sha256_constants + step));
    state1 = _mm_sha256rnds2_epu32(state1, state0, sum);
    state0 = _mm_sha256rnds2_epu32(state0, state1, _mm_shuffle_epi32(sum, 0x0e));
    if (step < 12) {
      // Four words, sixteen further on.
      const __m128i last = words[(step + 3) & 3];
      const __m128i seven_back = _mm_alignr_epi8(last, words[(step + 2) & 3], 4);
      const __m128i next = _mm_sha256msg1_epu32(word, words[(step + 1) & 3]);
      words[step & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(next, seven_back), last);
    }
  }
  *feba = _mm_add_epi32(state0, *feba);
  *hgdc = _mm_add_epi32(state1, *hgdc);
}
#endif

#endif
