#include "CByteMask.h"

#include "sha256_block.h"

// Compiled three times on x86-64, for what processors of 2015 and of 2009 lack; the program's start picks one. Once under
// a sanitizer: what picks runs before its runtime is there, and would crash in it.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define FOR_EACH_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

typedef uint8_t bytes64 __attribute__((ext_vector_type(64)));
typedef bool bits64 __attribute__((ext_vector_type(64)));

// Bit n is set where byte n is `byte`. A macro, for a function that takes a vector has another interface on each processor.
#define MASK_OF(bytes, byte) \
  __builtin_bit_cast(uint64_t, __builtin_convertvector((bytes) == (bytes64)(uint8_t)(byte), bits64))

// Bit n is set where the number of bits set up to n, itself included, is odd.
static inline __attribute__((always_inline)) uint64_t prefix_parity(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Appends the offsets of all bits, four at a time: few, so that little is written in vain, and enough for a processor
// to guess how often.
static inline __attribute__((always_inline)) void append_offsets(uint64_t bits, uint32_t origin,
                                                                 struct offset_list *list) {
  const int count = __builtin_popcountll(bits);
  const uint64_t last = (uint64_t)1 << 63;
  uint32_t *out = list->offsets + list->count;
  for (int done = 0; done < count; done += 4) {
    for (int index = 0; index < 4; index++) {
      // With no bit left: `__builtin_ctzll` has no answer for zero.
      out[done + index] = origin + (uint32_t)__builtin_ctzll(bits | last);
      bits &= bits - 1;
    }
  }
  list->count += (size_t)count;
}

// What 64 bytes hold, quotes taken into account.
struct field_masks {
  // Where fields end.
  uint64_t stops;
  // Line ends and second ones of two quotes, within quotes.
  uint64_t within;
};

// Not zero where one of 64 bytes is not ASCII, or NUL.
static inline __attribute__((always_inline)) uint64_t not_plain(const uint8_t *bytes) {
  bytes64 text;
  memcpy(&text, bytes, sizeof text);
  // One less than NUL is the greatest byte.
  return MASK_OF((text | (text - 1)) & 0x80, 0x80);
}

// Looks at 64 bytes; false where a quote stands there that is not one of a plainly quoted field, and `scan` is as before.
static inline __attribute__((always_inline)) bool look(struct field_scan *scan, const uint8_t *bytes,
                                                       uint8_t separator,
                                                       struct field_masks *masks) {
  bytes64 text;
  memcpy(&text, bytes, sizeof text);
  const uint64_t lines = MASK_OF(text, '\n') | MASK_OF(text, '\r');
  const uint64_t quotes = MASK_OF(text, '"');
  uint64_t stops = MASK_OF(text, separator) | lines;
  masks->within = 0;
  if ((quotes | scan->inside | scan->closed) != 0) {
    // An opening quote counts as inside, a closing one does not.
    const uint64_t inside = prefix_parity(quotes) ^ scan->inside;
    const uint64_t opening = quotes & inside;
    const uint64_t closing = quotes & ~inside;
    stops &= ~inside;
    const uint64_t behind_stop = stops << 1 | scan->begins;
    const uint64_t behind_closing = closing << 1 | scan->closed;
    if ((opening & ~(behind_stop | behind_closing)) | (behind_closing & ~(stops | opening))) {
      return false;
    }
    masks->within = (opening & behind_closing) | (lines & inside);
    scan->inside = (uint64_t)0 - (inside >> 63);
    scan->closed = closing >> 63;
    scan->quotes |= quotes;
  }
  masks->stops = stops;
  scan->begins = stops >> 63;
  return true;
}

FOR_EACH_PROCESSOR
size_t find_field_ends(struct field_scan *scan, const uint8_t *bytes, size_t words,
                       uint8_t separator, uint32_t origin, struct offset_list *ends,
                       struct offset_list *within) {
  // Copies, which no write through a pointer can change.
  struct field_scan state = *scan;
  struct offset_list found = *ends;
  size_t word = 0;
  for (; word < words; word++) {
    struct field_masks masks;
    if (!look(&state, bytes + 64 * word, separator, &masks)) break;
    const uint32_t start = origin + (uint32_t)(64 * word);
    append_offsets(masks.stops, start, &found);
    if (masks.within != 0) append_offsets(masks.within, start, within);
  }
  *scan = state;
  *ends = found;
  return word;
}

#if defined(__x86_64__) && defined(__linux__)
WITH_SHA
size_t find_field_ends_hashing(struct field_scan *scan, const uint8_t *bytes, size_t words,
                               uint8_t separator, uint32_t origin, struct offset_list *ends,
                               struct offset_list *within, size_t *plain,
                               struct sha256_state *hash, const uint8_t *blocks, size_t count) {
  struct field_scan state = *scan;
  struct offset_list found = *ends;
  __m128i feba = _mm_loadu_si128((const __m128i *)hash->feba);
  __m128i hgdc = _mm_loadu_si128((const __m128i *)hash->hgdc);
  size_t word = 0, block = 0;
  uint64_t other = 0;
  for (; word < words; word++) {
    struct field_masks masks;
    const uint8_t *text = bytes + 64 * word;
    if (!look(&state, text, separator, &masks)) break;
    const uint32_t start = origin + (uint32_t)(64 * word);
    append_offsets(masks.stops, start, &found);
    if (masks.within != 0) append_offsets(masks.within, start, within);
    other |= not_plain(text);
    if (other == 0) *plain = word + 1;
    if (block < count) sha256_block(&feba, &hgdc, blocks + 64 * block++);
  }
  for (; block < count; block++) sha256_block(&feba, &hgdc, blocks + 64 * block);
  _mm_storeu_si128((__m128i *)hash->feba, feba);
  _mm_storeu_si128((__m128i *)hash->hgdc, hgdc);
  *scan = state;
  *ends = found;
  return word;
}
#else
size_t find_field_ends_hashing(struct field_scan *scan, const uint8_t *bytes, size_t words,
                               uint8_t separator, uint32_t origin, struct offset_list *ends,
                               struct offset_list *within, size_t *plain,
                               struct sha256_state *hash, const uint8_t *blocks, size_t count) {
  (void)plain, (void)hash, (void)blocks, (void)count;
  return find_field_ends(scan, bytes, words, separator, origin, ends, within);
}
#endif
