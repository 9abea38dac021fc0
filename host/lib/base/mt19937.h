/* NumPy's legacy random stream (numpy.random.RandomState), bit for bit. */
#ifndef CLFIT_HOST_MT19937_H
#define CLFIT_HOST_MT19937_H

#include <stdbool.h>
#include <stdint.h>

struct mt19937 {
  uint32_t state[624];
  uint32_t next; /* index of the word to be drawn next, 624: the first again */
  bool has_normal;
  double normal; /* if has_normal: what the next draw of clfit_mt19937_normal gives */
};

/* As np.random.seed(seed) does. */
void clfit_mt19937_seed(struct mt19937 *stream, uint32_t seed);

/* As random_sample() does: uniform in [0, 1), 53 bits of two draws. */
double clfit_mt19937_uniform(struct mt19937 *stream);

/* As standard_normal() and randn() do: the polar method, whose second value is kept for the next call. The logarithm is
 * clfit_log64, so that the bits are the same on every machine; the last bit of a C library's, NumPy's, may differ. */
double clfit_mt19937_normal(struct mt19937 *stream);

#endif
