/*
 * evaluate: the predictions z of networks, summed in the strict order. Each vector lane holds one point x: a work-item
 * computes one network at up to LANES * PASSES points. The same kernel serves all mappings.
 *
 * Global size: (points / (LANES * PASSES) rounded up, networks); any local size. Networks lie in packs of `pack` (1 in
 * all mappings but packed): W1, B1 and W2 are [slots / pack][stride][pack] floats, B2 is [slots]; slots are those of
 * the networks to be evaluated, x is [points], z is [networks][points]. No local memory.
 */
#ifndef LANES
#define LANES 16
#endif
#include "activation.h"
#include "network.h"

#ifndef PASSES
/* a work-item evaluates LANES points this many times, so that the cost of starting it is small beside its work */
#define PASSES 1
#endif

/* W2 . a + b2 of the network at `offset`, whose neurons lie `pack` apart. */
static inline real predict(global const float *w1, global const float *b1, global const float *w2, float b2,
                           uint hidden, uint pack, real x)
{
  real sums[CLFIT_PARTIAL_SUMS];
  const uint count = min(hidden, (uint)CLFIT_PARTIAL_SUMS);
  for (uint i = 0; i < count; i++) sums[i] = (real)(0.0f);
  for (uint j = 0; j < hidden; j++) {
    const real a = ACTIVATE(FMA(w1[j * pack], x, b1[j * pack]));
    sums[j % CLFIT_PARTIAL_SUMS] = FMA(w2[j * pack], a, sums[j % CLFIT_PARTIAL_SUMS]);
  }
  for (uint width = CLFIT_PARTIAL_SUMS / 2; width > 0; width /= 2)
    for (uint i = 0; i + width < count && i < width; i++) sums[i] += sums[i + width];
  /* With fewer than 32 neurons the reference's tree also adds empty partial sums, which are +0. Adding one +0 here has
   * the same effect: it turns a sum of -0 into +0. Otherwise -0 is added, which changes nothing. */
  return (sums[0] + (hidden < CLFIT_PARTIAL_SUMS ? 0.0f : -0.0f)) + b2;
}

kernel void evaluate(global const struct network_task *restrict tasks, global const uint *restrict slots,
                     global const float *restrict w1_all, global const float *restrict b1_all,
                     global const float *restrict w2_all, global const float *restrict b2_all,
                     global const float *restrict x_all, global float *restrict z_all, uint stride, uint pack,
                     ulong points)
{
  const uint slot = slots[get_global_id(1)];
  /* First slot of the pack. Computed with a multiplication instead of %, because Oclgrind 21.10 does not implement the
   * instruction that / and % of the same operands compile to. */
  const uint first = slot / pack * pack;
  const size_t offset = (size_t)first * stride + (slot - first);
  const size_t begin = get_global_id(0) * LANES * PASSES, end = min(begin + LANES * PASSES, (size_t)points);
  global float *z = z_all + get_global_id(1) * points;
  for (size_t point = begin; point < end; point += LANES) {
    float xs[LANES], zs[LANES];
    for (uint l = 0; l < LANES; l++) xs[l] = x_all[min(point + l, end - 1)];
#if LANES == 16
    const real x = vload16(0, xs);
#else
    const real x = xs[0];
#endif
    const real predictions =
        predict(w1_all + offset, b1_all + offset, w2_all + offset, b2_all[slot], tasks[slot].hidden, pack, x);
#if LANES == 16
    vstore16(predictions, 0, zs);
#else
    zs[0] = predictions;
#endif
    for (uint l = 0; l < LANES && point + l < end; l++) z[point + l] = zs[l];
  }
}
