#include "CSHA256.h"

#include "sha256_block.h"

// FIPS 180-4, 5.3.3.
struct sha256_state sha256_begin(void) {
  return (struct sha256_state){.feba = {0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667},
                               .hgdc = {0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}};
}

void sha256_words(const struct sha256_state *state, uint32_t words[8]) {
  words[0] = state->feba[3];
  words[1] = state->feba[2];
  words[2] = state->hgdc[3];
  words[3] = state->hgdc[2];
  words[4] = state->feba[1];
  words[5] = state->feba[0];
  words[6] = state->hgdc[1];
  words[7] = state->hgdc[0];
}

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>

// Intel SDM, CPUID: leaf 7, EBX bit 29 is SHA; leaf 1, ECX bits 9, 19 and 23 are SSSE3, SSE4.1 and POPCNT.
bool sha256_has_instructions(void) {
  unsigned int a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned int needed = 1u << 9 | 1u << 19 | 1u << 23;
  if ((c & needed) != needed || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  return (b & 1u << 29) != 0;
}

WITH_SHA
void sha256_take(struct sha256_state *state, const uint8_t *blocks, size_t count) {
  __m128i feba = _mm_loadu_si128((const __m128i *)state->feba);
  __m128i hgdc = _mm_loadu_si128((const __m128i *)state->hgdc);
  for (size_t block = 0; block < count; block++) sha256_block(&feba, &hgdc, blocks + 64 * block);
  _mm_storeu_si128((__m128i *)state->feba, feba);
  _mm_storeu_si128((__m128i *)state->hgdc, hgdc);
}
#else
bool sha256_has_instructions(void) { return false; }
void sha256_take(struct sha256_state *state, const uint8_t *blocks, size_t count) {
  (void)state, (void)blocks, (void)count;
}
#endif
