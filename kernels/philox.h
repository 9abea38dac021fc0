/*
 * Philox 4x32 with ten rounds: random numbers by counter, for hosts and devices. The 128 bits that belong to a counter
 * and a key follow from these alone, so that any of them can be computed at any time, in any order, and nothing is kept
 * between two of them. Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as
 * 1, 2, 3 (SC 2011), section 3.3.
 */
#ifndef CLFIT_PHILOX_H
#define CLFIT_PHILOX_H

#ifdef __OPENCL_VERSION__
#define PHILOX_UINT          uint
#define PHILOX_MUL_HIGH(a, b) mul_hi((uint)(a), (uint)(b))
#else
#include <stdint.h>
#define PHILOX_UINT           uint32_t
#define PHILOX_MUL_HIGH(a, b) ((uint32_t)((uint64_t)(a) * (b) >> 32))
#endif

#define PHILOX_ROUNDS 10
#define PHILOX_M0     0xd2511f53u /* the multipliers of a round */
#define PHILOX_M1     0xcd9e8d57u
#define PHILOX_W0     0x9e3779b9u /* what is added to the key after a round: golden ratio, and sqrt(3) - 1 */
#define PHILOX_W1     0xbb67ae85u

/* Four words: a counter, or the random numbers that belong to it. */
struct philox {
  PHILOX_UINT word0, word1, word2, word3;
};

static inline struct philox philox_round(struct philox in, PHILOX_UINT key0, PHILOX_UINT key1)
{
  struct philox out;
  out.word0 = PHILOX_MUL_HIGH(PHILOX_M1, in.word2) ^ in.word1 ^ key0;
  out.word1 = PHILOX_M1 * in.word2;
  out.word2 = PHILOX_MUL_HIGH(PHILOX_M0, in.word0) ^ in.word3 ^ key1;
  out.word3 = PHILOX_M0 * in.word0;
  return out;
}

static inline struct philox philox4x32(struct philox counter, PHILOX_UINT key0, PHILOX_UINT key1)
{
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    counter = philox_round(counter, key0, key1);
    key0 += PHILOX_W0;
    key1 += PHILOX_W1;
  }
  return counter;
}

/*
 * What a key's second word is made of, one constant for each use, so that no two uses draw the same numbers from the
 * same seed, which is the key's first word. The values are the ASCII codes of four letters.
 */
#define PHILOX_NOISE   0x4e4f4953u /* "NOIS": noise of samples, by sample seed */
#define PHILOX_ORDER   0x4f524452u /* "ORDR": order of the samples of an epoch, by seed */
#define PHILOX_HOLDOUT 0x484f4c44u /* "HOLD": which samples are held out, by sample seed */

#endif
