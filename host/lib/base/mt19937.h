/* NumPy's legacy random stream (numpy.random.RandomState), bit for bit. */
#ifndef CLFIT_HOST_MT19937_H
#define CLFIT_HOST_MT19937_H

#include <stdint.h>

struct mt19937 {
  uint32_t state[624];
  uint32_t next; /* index of the word to be drawn next, 624: the first again */
};

/* As np.random.seed(seed) does. */
void clfit_mt19937_seed(struct mt19937 *stream, uint32_t seed);

/* As random_sample() does: uniform in [0, 1), 53 bits of two draws. */
double clfit_mt19937_uniform(struct mt19937 *stream);

#endif
