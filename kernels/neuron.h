/*
 * Vectors of neurons while they train, the same in wide and packed. Include it once LANES, VECTORS and UNROLL are
 * defined, and NEURONS, how many neurons of one network a vector holds: LANES in wide, 1 in packed.
 *
 * A sample's gradient step waits for the next sample's forward pass, and both go through the neurons in one pass: a
 * neuron is loaded once for both, and the two parts of different neurons keep a processor busy side by side.
 */
#ifndef CLFIT_NEURON_H
#define CLFIT_NEURON_H

#include "steps.h"

#if LANES == 16
typedef int16 flags; /* per lane 0 or -1, as comparisons give them */
#else
typedef int flags;
#endif

/* Vectors that go through the steps of an activation side by side: enough to keep two fma units busy (2 units x 4
 * cycles), and few enough for a processor to look ahead over them. */
#if UNROLL
#define BLOCKS ((VECTORS + 7) / 8)
#define BLOCK  ((VECTORS + BLOCKS - 1) / BLOCKS)
#else
#define BLOCK 8
#endif
/* Of a block that begins at vector `first` of unrolled ones. */
#define BLOCK_LENGTH(first) (VECTORS - (first) < BLOCK ? VECTORS - (first) : BLOCK)

#define INLINE __attribute__((always_inline)) static inline
#if UNROLL
#define EACH_VECTOR(v) EACH(v, VECTORS)
#else
#define EACH_VECTOR(v) for (uint v = 0; v < VECTORS; v++)
#endif

struct neurons {
  real w1, b1, w2;
  real a; /* their activation at the last sample */
};

/* The gradient step of the last sample: s = rate * e, sx = rate * e * x. */
INLINE void learn(struct neurons *vector, real s, real sx)
{
  const real g = SLOPE(vector->a) * vector->w2;
  vector->w2 = FMA(-s, vector->a, vector->w2);
  vector->b1 = FMA(-s, g, vector->b1);
  vector->w1 = FMA(-sx, g, vector->w1);
}

/* The vectors first, first + 1, ... `count` of them, learn from the last sample if `learns` and then answer x, vector
 * first + i adding to sums[(sum + i) % sum_count]. A padded neuron's activation is +0 at every step (a zero w2 alone
 * would start to learn); `masked` is whether there may be any, `hidden` the number of neurons less the lane's
 * place in a vector. */
INLINE void pass(struct neurons *vectors, bool learns, real s, real sx, real x, uint first, uint count, bool masked,
                 flags hidden, real *sums, uint sum, uint sum_count)
{
  struct reduced reduced[BLOCK];
  struct ratio ratio[BLOCK];
  EACH(i, BLOCK) if (i < count)
  {
    struct neurons *vector = &vectors[first + i];
    if (learns) learn(vector, s, sx);
    reduced[i] = REDUCE(FMA(vector->w1, x, vector->b1));
  }
  EACH(i, BLOCK) if (i < count) ratio[i] = RATIO(reduced[i]);
  EACH(i, BLOCK) if (i < count)
  {
    struct neurons *vector = &vectors[first + i];
    const real a = QUOTIENT(ratio[i]);
    vector->a = masked && !(hidden > (flags)((int)((first + i) * NEURONS))) ? (real)(0.0f) : a;
    sums[(sum + i) % sum_count] = FMA(vector->w2, vector->a, sums[(sum + i) % sum_count]);
  }
}

#endif
