/*
 * Vectors of neurons in training, as the kernels wide and packed use them. Define before including: LANES; NEURONS, the
 * difference between the neuron numbers of two successive vectors (LANES in wide, the number of columns in packed);
 * BLOCK, if the default of 7 does not fit.
 *
 * The update from a sample is postponed and done together with the forward pass of the next sample, in one loop over
 * the neurons: each neuron is loaded once for both, and the processor can overlap the update of one neuron with the
 * forward pass of another.
 */
#ifndef CLFIT_NEURON_H
#define CLFIT_NEURON_H

#include "steps.h"
#include "update.h"

#if LANES == 16
typedef int16 flags; /* per lane 0 or -1, as comparisons give them */
#else
typedef int flags;
#endif

/* Largest number of vectors that are taken through the stages of the activation together (a block). An fma has a
 * latency of 4 cycles and a core starts one or two per cycle, so 4 to 8 independent vectors keep it busy. More do not
 * fit into registers, and their divisions, which share one unit, would follow each other without other work to overlap
 * with. */
#ifndef BLOCK
#define BLOCK 7
#endif
/* Number of blocks of about equal size that `count` vectors are divided into, and the first vector of a block. count is
 * a compile-time constant. */
#define BLOCKS_FOR(count)      (((count) + BLOCK - 1) / BLOCK)
#define FIRST_OF(block, count) (((block) * (count) + BLOCKS_FOR(count) - 1) / BLOCKS_FOR(count))

struct neurons {
  PARAMETER(real) w1, b1, w2;
  real a; /* activation at the last sample, for the postponed update */
};

#define EACH_OF_COUNT(i) EACH(i, BLOCK) if (i < count)

/* The last sample, as update.h wants it. */
struct gradient_step {
  real scale;   /* SCALE(rate) * e, of B1 and W2 */
  real scale_x; /* scale * x, of W1 */
};

/* The gradient step of the last sample, of `count` vectors, at most BLOCK: in place, and what they are then also to
 * `learnt`, because compilers do not see over a whole block what a place in memory holds. */
INLINE void learn(struct neurons *vectors, uint count, struct gradient_step step, struct numbers_real numbers,
                  struct neurons *learnt)
{
  real g[BLOCK];
  EACH_OF_COUNT(i) learnt[i] = vectors[i];
  EACH_OF_COUNT(i) g[i] = SLOPE(learnt[i].a);
  EACH_OF_COUNT(i) g[i] = g[i] * learnt[i].w2.value;
#define LEARN(plane, scale, factor)                                                                                    \
  vectors[i].plane = learnt[i].plane = UPDATE(real)(learnt[i].plane, numbers, scale, factor)
  EACH_OF_COUNT(i) LEARN(w2, step.scale, learnt[i].a);
  EACH_OF_COUNT(i) LEARN(b1, step.scale, g[i]);
  EACH_OF_COUNT(i) LEARN(w1, step.scale_x, g[i]);
#undef LEARN
}

/* The vectors first, first + 1, ... `count` of them, learn from the last sample if `learns` and then answer x, vector
 * first + i adding to sums[(sum + i) % sum_count]. A padded neuron's activation is -0 at every step: its w2 is +0 and
 * does not start to learn (update.h), and fma(+0, -0, sum) is the sum also if that is -0. `masked` is whether there may
 * be padding, `hidden` the number of neurons less the first one's number in vector 0, lane by lane. */
INLINE void pass(struct neurons *vectors, bool learns, struct gradient_step step, struct numbers_real numbers, real x,
                 uint first, uint count, bool masked, flags hidden, real *sums, uint sum, uint sum_count)
{
  struct neurons *block = vectors + first, at_hand[BLOCK];
  struct chain at[BLOCK];
  if (learns)
    learn(block, count, step, numbers, at_hand);
  else
    EACH_OF_COUNT(i) at_hand[i] = block[i];
  EACH_OF_COUNT(i) at[i].z = FMA(at_hand[i].w1.value, x, at_hand[i].b1.value);
#define STEP(next) EACH_OF_COUNT(i) at[i] = next(at[i]);
  STEPS(STEP)
  EACH_OF_COUNT(i)
  {
    const real a = masked && !(hidden > (flags)((int)((first + i) * NEURONS))) ? (real)(-0.0f) : at[i].value;
    block[i].a = a;
    sums[(sum + i) % sum_count] = FMA(at_hand[i].w2.value, a, sums[(sum + i) % sum_count]);
  }
}

#endif
