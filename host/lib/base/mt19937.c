#include "base/mt19937.h"

#include "base/log64.h"
#include "base/strict.h"

#include <math.h>

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
  stream->has_normal = false;
  stream->normal = 0;
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

/* A point of the unit disc without its centre, uniformly distributed; returns its squared distance from the centre. */
static double draw_point(struct mt19937 *stream, double point[2])
{
  double square;
  do {
    point[0] = 2 * clfit_mt19937_uniform(stream) - 1;
    point[1] = 2 * clfit_mt19937_uniform(stream) - 1;
    double first = point[0] * point[0], second = point[1] * point[1];
    square = first + second;
  } while (square >= 1 || square == 0);
  return square;
}

double clfit_mt19937_normal(struct mt19937 *stream)
{
  double point[2];
  if (stream->has_normal) {
    stream->has_normal = false;
    return stream->normal;
  }
  double square = draw_point(stream, point);
  double factor = sqrt(-2 * clfit_log64(square) / square);
  stream->normal = factor * point[0];
  stream->has_normal = true;
  return factor * point[1];
}
