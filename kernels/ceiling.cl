/*
 * What the device could reach at most: the same operations as training's, without what makes training wait.
 *
 * fma_ceiling keeps CHAINS vectors going through one fma after the other. mix_ceiling takes CHAINS neurons (each a vector
 * of LANES) through the forward and backward operations of one training step, again and again: those of numerics.h, the
 * fma of the output's sum, the slope and the three updates. The error that the step is made with is an argument: no
 * neuron waits for a sum over the others, nor for memory, since everything stays in private memory. A neuron still waits
 * for its own update, as in training; the others fill that gap. What is left out: the sum itself, samples, losses,
 * padding.
 *
 * Any global and local size. results: [global size][LANES], so that no operation can be left out as useless. Values stay
 * finite and normal however many rounds there are: the step changes its sign, so that weights go back and forth.
 */
#ifndef LANES
#define LANES 16
#endif
#include "numerics.h"

#ifndef REDUCE
#define REDUCE reduce_sigmoid /* the three steps of the activation of the hidden layer, and its slope */
#define RATIO  ratio_sigmoid
#define SLOPE  slope_sigmoid
#endif
#ifndef QUOTIENT
#define QUOTIENT quotient
#endif
#ifndef CHAINS
#define CHAINS 8 /* vectors that do not depend on each other */
#endif
#ifndef BLOCK
#define BLOCK 1 /* of mix_ceiling's chains that go through the steps of an activation side by side; divides CHAINS */
#endif

#define EACH(i, count) __attribute__((opencl_unroll_hint(count))) for (uint i = 0; i < (count); i++)

/* Numbers from 0 to below 1, another in each lane. */
#if LANES == 16
#define LANE_VALUES                                                                                                    \
  ((real)(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f, 10.0f, 11.0f, 12.0f, 13.0f, 14.0f, 15.0f) / 16.0f)
#define STORE_REAL(value, index, pointer) vstore16(value, index, pointer)
#else
#define LANE_VALUES                       ((real)(get_global_id(0) % 16) / 16.0f)
#define STORE_REAL(value, index, pointer) (pointer)[index] = (value)
#endif

/* Stores something that needs the last value of every chain. */
#define STORE_CHAINS(chain)                                                                                            \
  real sum = (real)(0.0f);                                                                                             \
  EACH(k, CHAINS) sum += (chain);                                                                                      \
  STORE_REAL(sum, get_global_id(0), results);

/* Every chain goes to addend/(1 - factor); 0 < factor < 1. */
kernel void fma_ceiling(global float *restrict results, float factor, float addend, uint rounds)
{
  real chains[CHAINS];
  EACH(k, CHAINS) chains[k] = LANE_VALUES + (real)(k);
  for (uint n = 0; n < rounds; n++) EACH(k, CHAINS) chains[k] = FMA(chains[k], factor, addend);
  STORE_CHAINS(chains[k])
}

/* One neuron update a chain and round; step: rate times error. */
kernel void mix_ceiling(global float *restrict results, float x, float step, uint rounds)
{
  real w1[CHAINS], b1[CHAINS], w2[CHAINS], sums[CHAINS];
  EACH(k, CHAINS)
  {
    w1[k] = LANE_VALUES + (real)(k + 0.5f);
    b1[k] = LANE_VALUES - (real)(0.5f);
    w2[k] = LANE_VALUES - (real)(1.5f);
    sums[k] = LANE_VALUES;
  }
  for (uint n = 0; n < rounds; n++) {
    const float step_x = step * x;
    EACH(block, CHAINS / BLOCK)
    {
      struct reduced reduced[BLOCK];
      struct ratio ratio[BLOCK];
      EACH(i, BLOCK) reduced[i] = REDUCE(FMA(w1[block * BLOCK + i], x, b1[block * BLOCK + i]));
      EACH(i, BLOCK) ratio[i] = RATIO(reduced[i]);
      EACH(i, BLOCK)
      {
        const uint k = block * BLOCK + i;
        const real a = QUOTIENT(ratio[i]);
        sums[k] = FMA(w2[k], a, sums[k]);
        const real g = SLOPE(a) * w2[k];
        w2[k] = FMA(-step, a, w2[k]);
        b1[k] = FMA(-step, g, b1[k]);
        w1[k] = FMA(-step_x, g, w1[k]);
      }
    }
    step = -step;
  }
  STORE_CHAINS(((w1[k] + b1[k]) + w2[k]) + sums[k])
}
