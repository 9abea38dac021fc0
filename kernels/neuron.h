/*
 * Vectors of neurons in training, as the kernels wide and packed use them. Define before including: LANES; NEURONS, the
 * difference between the neuron numbers of two successive vectors (LANES in wide, the number of columns in packed);
 * BLOCK, if the default of 7 does not fit.
 *
 * The update from a sample is postponed and done together with the forward pass of the next sample, in one loop over
 * the neurons: each neuron is loaded once for both, and the processor can overlap the update of one neuron with the
 * forward pass of another.
 *
 * A step on the sample (x, y) with the error e changes each parameter by one fma(-scale, factor, parameter), in which
 * scale * factor is the rate times the gradient of e^2/2:
 *
 *     W2[j]: scale = rate * e        factor = a[j]
 *     B1[j]: scale = rate * e        factor = g[j] = slope[j] * W2[j], with W2 from before the step
 *     W1[j]: scale = rate * e * x    factor = g[j]
 *     B2:    scale = rate            factor = e
 *
 * A padded neuron has a = -0 and W2 = +0, so its factors are zeros of either sign and its parameters stay +0. (A scale
 * that is not finite makes every W2 infinite or NaN, so the network diverges at its next sample anyway.)
 */
#ifndef CLFIT_NEURON_H
#define CLFIT_NEURON_H

#include "activation.h"

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
  real w1, b1, w2;
  real a; /* activation at the last sample, for the postponed update */
};

#define EACH_OF_COUNT(i) EACH(i, BLOCK) if (i < count)

/* The scales of the last sample's update. */
struct gradient_step {
  real scale;   /* rate * e, for B1 and W2 */
  real scale_x; /* scale * x, for W1 */
  real x;       /* set if SLOPE_USES_Z */
};

/* Updates `count` vectors (at most BLOCK) from the last sample, in place. The updated vectors are also returned in
 * `updated`: compilers keep these local values in registers, but would load `vectors` from memory again. */
INLINE void update_vectors(struct neurons *vectors, uint count, struct gradient_step step, struct neurons *updated)
{
  real g[BLOCK];
  EACH_OF_COUNT(i) updated[i] = vectors[i];
  /* The argument is computed again, from the same parameters, so to the same bits: keeping it would cost a load and a
   * store in each step. Compilers leave it out if the slope does not use it. */
  EACH_OF_COUNT(i) g[i] = SLOPE(updated[i].a, FMA(updated[i].w1, step.x, updated[i].b1));
  EACH_OF_COUNT(i) g[i] = g[i] * updated[i].w2;
  EACH_OF_COUNT(i) vectors[i].w2 = updated[i].w2 = fma(-step.scale, updated[i].a, updated[i].w2);
  EACH_OF_COUNT(i) vectors[i].b1 = updated[i].b1 = fma(-step.scale, g[i], updated[i].b1);
  EACH_OF_COUNT(i) vectors[i].w1 = updated[i].w1 = fma(-step.scale_x, g[i], updated[i].w1);
}

/* Takes the vectors first .. first + count - 1 through one step: if `updates`, updates them from the last sample;
 * then computes their activations at x and adds W2 * activation of vector first + i to sums[(sum + i) % sum_count].
 * `masked`: these vectors may contain padding. `hidden`: per lane, the network's number of neurons minus the number
 * of the neuron that this lane has in vector 0. The activation of a padded neuron is set to -0 at every step:
 * fma(+0, -0, sum) is sum even if sum is -0, and the update keeps its W2 at +0. */
INLINE void update_and_forward(struct neurons *vectors, bool updates, struct gradient_step step, real x, uint first,
                               uint count, bool masked, flags hidden, real *sums, uint sum, uint sum_count)
{
  struct neurons *block = vectors + first, at_hand[BLOCK];
  struct intermediate at[BLOCK];
  if (updates)
    update_vectors(block, count, step, at_hand);
  else
    EACH_OF_COUNT(i) at_hand[i] = block[i];
  EACH_OF_COUNT(i) at[i].z = FMA(at_hand[i].w1, x, at_hand[i].b1);
#define STAGE(next) EACH_OF_COUNT(i) at[i] = next(at[i]);
  STAGES(STAGE)
  EACH_OF_COUNT(i)
  {
    const real a = masked && !(hidden > (flags)((int)((first + i) * NEURONS))) ? (real)(-0.0f) : at[i].value;
    block[i].a = a;
    sums[(sum + i) % sum_count] = FMA(at_hand[i].w2, a, sums[(sum + i) % sum_count]);
  }
}

#endif
