#include "base/mt19937.h"

/* MT19937 as Matsumoto and Nishimura published it in 2002: degree of recurrence, offset of the middle word, matrix. */
#define WORDS      624
#define MIDDLE     397
#define MATRIX     0x9908b0dfu
#define UPPER_MASK 0x80000000u
#define LOWER_MASK 0x7fffffffu

void clfit_mt19937_seed(struct mt19937 *stream, uint32_t seed)
{
  stream->state[0] = seed;
  for (uint32_t i = 1; i < WORDS; i++) {
    uint32_t last = stream->state[i - 1];
    stream->state[i] = 1812433253u * (last ^ (last >> 30)) + i;
  }
  stream->next = WORDS;
}

/* Computes word i of the next 624 when it is needed, not all at once: a small network draws only a few. */
static uint32_t twist(struct mt19937 *stream, uint32_t i)
{
  uint32_t *s = stream->state;
  uint32_t after = i + 1 < WORDS ? i + 1 : 0, middle = i + MIDDLE < WORDS ? i + MIDDLE : i + MIDDLE - WORDS;
  uint32_t joined = (s[i] & UPPER_MASK) | (s[after] & LOWER_MASK);
  s[i] = s[middle] ^ (joined >> 1) ^ (joined & 1 ? MATRIX : 0);
  return s[i];
}

static uint32_t draw(struct mt19937 *stream)
{
  if (stream->next >= WORDS) stream->next = 0;
  uint32_t word = twist(stream, stream->next++);
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680u;
  word ^= (word << 15) & 0xefc60000u;
  return word ^ (word >> 18);
}

double clfit_mt19937_uniform(struct mt19937 *stream)
{
  uint32_t high = draw(stream) >> 5; /* 27 bits, drawn first */
  uint32_t low = draw(stream) >> 6;  /* 26 bits */
  return (high * 0x1p26 + low) * 0x1p-53;
}
