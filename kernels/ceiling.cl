/*
 * Measures the highest speed that a device can reach: the operations of training, without the dependencies and memory
 * accesses that make training wait. A program has one of two kernels: with BLOCK 0 fma_ceiling, else mix_ceiling.
 *
 * fma_ceiling runs CHAINS independent sequences of dependent fma. mix_ceiling repeats the forward and backward
 * operations of one training step for CHAINS vectors of neurons: the activation (numerics.h), the fma of the output's
 * sum, the slope and the three updates. Nothing depends on an earlier round: the error is an argument, and the updates
 * are added to separate sums instead of the parameters; so are the moments of a rule. (With real parameter updates 8 to
 * 12 vectors would be needed to hide the latency; they do not fit into a CPU's registers, and the speed was a fifth
 * lower.) Left out are the addition of the partial sums, the samples, the losses and the padding.
 *
 * Any global and local size. results: [global size][LANES], so that the compiler cannot remove an operation whose
 * result is not used. Values stay finite and normal however many rounds there are.
 */
#ifndef LANES
#define LANES 16
#endif
#include "activation.h"

#ifndef CHAINS
#define CHAINS 8 /* vectors that do not depend on each other */
#endif
#ifndef BLOCK
#define BLOCK 1 /* chains of mix_ceiling that are taken through each stage of the activation together; divides CHAINS */
#endif

#if BLOCK
#ifdef RULE_NAME /* the rule of a training through gradients; else plain gradient descent */
#include "rule.h"
#else
struct parameter {
  real value;
};

INLINE struct parameter descend(struct parameter at, real scale, real factor)
{
  at.value = fma(-scale, factor, at.value);
  return at;
}
#endif
#endif

/* A different number in [0, 1) in each lane. */
#if LANES == 16
#define LANE_VALUES                                                                                                    \
  ((real)(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f, 10.0f, 11.0f, 12.0f, 13.0f, 14.0f, 15.0f) / 16.0f)
#define STORE_REAL(value, index, pointer) vstore16(value, index, pointer)
#else
#define LANE_VALUES                       ((real)(get_global_id(0) % 16) / 16.0f)
#define STORE_REAL(value, index, pointer) (pointer)[index] = (value)
#endif

#if !BLOCK
/* Every chain goes to addend/(1 - factor); 0 < factor < 1. */
kernel void fma_ceiling(global float *restrict results, float factor, float addend, uint rounds)
{
  real chains[CHAINS];
  EACH(k, CHAINS) chains[k] = LANE_VALUES + (real)(k);
  for (uint n = 0; n < rounds; n++) EACH(k, CHAINS) chains[k] = FMA(chains[k], factor, addend);
  real sum = (real)(0.0f);
  EACH(k, CHAINS) sum += chains[k];
  STORE_REAL(sum, get_global_id(0), results);
}
#else
/* One neuron update per chain and round. s is rate * error. x alternates between x and x_sum - x, so that the compiler
 * cannot move the work out of the loop, and s changes its sign every round, so that the sums stay small. */
kernel void mix_ceiling(global float *restrict results, float x, float x_sum, float s, uint rounds)
{
  real w1[CHAINS], b1[CHAINS], w2[CHAINS];
  real sum = (real)(0.0f);
  const struct parameter zero = {(real)(0.0f)};
  struct parameter new_w1 = zero, new_b1 = zero, new_w2 = zero;
#ifdef RULE_NAME
  /* usual numbers; they come from an argument, so that the compiler does not know them */
  const real near_one = (real)(1.0f - s);
  const struct numbers numbers = {.rate = (real)(s), .momentum = near_one, .beta1 = 0.875f * near_one,
                                  .beta2 = near_one, .eps = (real)(s), .weight_decay = (real)(s), .clip = (real)(0.0f),
                                  .rest1 = 0.125f * near_one, .rest2 = (real)(s), .step = (real)(s),
                                  .root_of_rest2t = near_one, .keep = near_one};
#define CEILING_UPDATE(parameter, scale, factor) TAKE_RULE(parameter, numbers, FMA(scale, factor, 0.0f))
#else
#define CEILING_UPDATE(parameter, scale, factor) descend(parameter, scale, factor)
#endif
  EACH(k, CHAINS)
  {
    w1[k] = LANE_VALUES + (real)(k + 0.5f);
    b1[k] = LANE_VALUES - (real)(0.1f * k + 0.5f);
    w2[k] = LANE_VALUES - (real)(0.1f * k + 1.5f);
  }
  for (uint n = 0; n < rounds; n++) {
    const float sx = s * x;
    EACH(block, CHAINS / BLOCK)
    {
      struct intermediate at[BLOCK];
      EACH(i, BLOCK) at[i].z = FMA(w1[block * BLOCK + i], x, b1[block * BLOCK + i]);
#define STAGE(next) EACH(i, BLOCK) at[i] = next(at[i]);
      STAGES(STAGE)
      EACH(i, BLOCK)
      {
        const uint k = block * BLOCK + i;
        const real a = at[i].value;
        sum = FMA(w2[k], a, sum);
        const real g = SLOPE(a, FMA(w1[k], x, b1[k])) * w2[k];
        new_w2 = CEILING_UPDATE(new_w2, (real)(s), a);
        new_b1 = CEILING_UPDATE(new_b1, (real)(s), g);
        new_w1 = CEILING_UPDATE(new_w1, (real)(sx), g);
      }
    }
    x = x_sum - x;
    s = -s;
  }
  STORE_REAL((new_w1.value + new_b1.value) + (new_w2.value + sum), get_global_id(0), results);
}
#endif
