/*
 * evaluate: the answers z of trained networks. One work-item computes one network at one x, in the strict order.
 *
 * Global size: (points, networks). Networks lie in packs of `pack` (1 in all mappings but packed): W1, B1 and W2 are
 * [slots / pack][stride][pack] floats, B2 is [slots]; slots names the networks that are asked for, z is
 * [networks][points]. No local memory.
 */
#include "network.h"
#include "numerics.h"

#ifndef ACTIVATE
#define ACTIVATE activate_sigmoid /* of the hidden layer */
#endif

kernel void evaluate(global const struct network_task *restrict tasks, global const uint *restrict slots,
                     global const float *restrict w1_all, global const float *restrict b1_all,
                     global const float *restrict w2_all, global const float *restrict b2_all,
                     global const float *restrict x, global float *restrict z, uint stride, uint pack)
{
  const size_t point = get_global_id(0), points = get_global_size(0);
  const uint slot = slots[get_global_id(1)];
  const uint hidden = tasks[slot].hidden;
  const uint first = slot / pack * pack; /* of the pack; no % beside the /, for which Oclgrind 21.10 lacks an instruction */
  const size_t place = (size_t)first * stride + (slot - first);
  float lanes[CLFIT_LANE_COUNT];
  for (uint lane = 0; lane < CLFIT_LANE_COUNT; lane++) {
    float sum = 0.0f;
    for (uint j = lane; j < hidden; j += CLFIT_LANE_COUNT)
      sum = fma(w2_all[place + j * pack], ACTIVATE(fma(w1_all[place + j * pack], x[point], b1_all[place + j * pack])), sum);
    lanes[lane] = sum;
  }
  for (uint width = CLFIT_LANE_COUNT / 2; width > 0; width /= 2)
    for (uint i = 0; i < width; i++) lanes[i] += lanes[i + width];
  z[get_global_id(1) * points + point] = lanes[0] + b2_all[slot];
}
