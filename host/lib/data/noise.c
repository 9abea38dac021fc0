/* Noise on the samples of a target. */
#include "base/error.h"
#include "base/log64.h"
#include "data/data.h"
#include "philox.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two numbers, uniform in [-1, 1), with 53 bits each as NumPy makes them of two words: 27 bits and 26. */
struct pair {
  double first, second;
};

static double signed_unit(uint32_t high, uint32_t low)
{
  const double unit = fma(high >> 5, 0x1p26, low >> 6) * 0x1p-53;
  return fma(2, unit, -1); /* exact: a multiple of 2^-52 */
}

/* The pair of a sample; one sample may need several, for which round is 0, 1, 2 ... */
static struct pair draw(uint32_t seed, uint32_t sample, uint32_t round)
{
  const struct philox words = philox4x32((struct philox){sample, round, 0, 0}, seed, PHILOX_NOISE);
  return (struct pair){signed_unit(words.word0, words.word1), signed_unit(words.word2, words.word3)};
}

/* Marsaglia's polar method: the first point that is in the unit disc, and not its centre, gives a normal number. */
static double draw_normal(uint32_t seed, uint32_t sample)
{
  struct pair point;
  double square;
  uint32_t round = 0;
  do {
    point = draw(seed, sample, round++);
    square = fma(point.first, point.first, point.second * point.second);
  } while (square >= 1 || square == 0);
  return sqrt(-2 * clfit_log64(square) / square) * point.first;
}

clfit_status clfit_data_add_noise(clfit_data *data, double noise, uint32_t seed, clfit_error *error)
{
  assert(data);
  const size_t n = data->count;
  if (noise == 0) return CLFIT_OK;
  if (!isfinite(noise)) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "noise is not finite");
  double *y = malloc(n * sizeof *y);
  if (!y) return clfit_fail_memory(error);
  for (uint32_t i = 0; i < n; i++)
    y[i] = fma(fabs(noise), noise > 0 ? draw(seed, i, 0).first : draw_normal(seed, i), data->y[i]);
  clfit_status status = clfit_data_replace_y(data, y, error);
  free(y);
  return status;
}
