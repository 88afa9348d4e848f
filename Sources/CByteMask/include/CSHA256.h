// SHA-256 (FIPS 180-4) by the processor's own instructions, block by block, for those who have something else to do
// meanwhile.
//
// Each instruction waits for the one before it: a processor that only hashes is idle for most of the time. What is
// done between two blocks costs next to nothing, as long as it is little, and uses no register wider than 128 bits:
// the SHA instructions know none, and to go from wider ones to them costs more than a block.
#ifndef WATCHD_CSHA256_H
#define WATCHD_CSHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The eight words, in the order in which the instructions take them: F, E, B, A and H, G, D, C.
struct sha256_state {
  uint32_t feba[4];
  uint32_t hgdc[4];
};

// Whether this processor has the instructions; nothing else here may be called where it has not.
bool sha256_has_instructions(void);

// The state before the first block.
struct sha256_state sha256_begin(void);

// Takes `count` blocks of 64 bytes.
void sha256_take(struct sha256_state *state, const uint8_t *blocks, size_t count);

// The words A to H, which are the digest once a padded last block was taken.
void sha256_words(const struct sha256_state *state, uint32_t words[8]);

#endif
