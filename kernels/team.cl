/*
 * team: 32 work-items train one network; work-item i of them owns the neurons i, i + 32, i + 64 ... For GPUs. GROUP
 * such teams make a work-group.
 *
 * Global size: slots * 32, slots a multiple of GROUP; local size GROUP * 32. W1, B1 and W2 are [slots][stride] floats,
 * padded with zeros, so that neighbouring work-items read neighbouring addresses (coalesced); B2 is [slots]. All stay
 * in private memory while the kernel runs. Every work-item computes b2 and progress, which belong to the whole network,
 * with identical results; the first one stores them.
 *
 * Local memory: see team_sum.h. A work-group without SHUFFLE is a single team, because teams in one group could need
 * different numbers of barriers; with SHUFFLE several teams form one, because a multiprocessor holds only a limited
 * number of work-groups.
 */
#define PLANE  float /* of the buffers W1, B1 and W2 */
#define SCALAR float /* of B2 */
#define TEAM   1
#include "activation.h"
#include "arguments.h"
#include "network.h"
#include "order.h"
#include "progress.h"
#include "selftest.h"
#include "team_sum.h"

#ifndef VECTORS
#define VECTORS 4 /* capacity of a work-item in neurons */
#endif
#ifndef UNROLL
#define UNROLL 1 /* 1: loops run over all VECTORS and are unrolled; 0: over as many as the network needs */
#endif
#ifndef PADDED_FROM
/* every network of this bucket has the neurons 32*k .. 32*k + 31 for k below this, so they need no padding test */
#define PADDED_FROM 0
#endif

#if UNROLL
#define EACH_NEURON(k) __attribute__((opencl_unroll_hint)) for (uint k = 0; k < VECTORS; k++)
#else
#define EACH_NEURON(k) __attribute__((opencl_unroll_hint(1))) for (uint k = 0; k < neurons; k++)
#endif

kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void train(TRAIN_ARGUMENTS(restrict))
{
  local float buffer[BUFFER_SIZE];
  const uint member = get_local_id(0) & (CLFIT_PARTIAL_SUMS - 1);
  const uint slot = get_global_id(0) / CLFIT_PARTIAL_SUMS;
  const struct network_task task = tasks[slot];
  struct network_progress at = progress[slot];

  const uint neurons = (task.hidden + CLFIT_PARTIAL_SUMS - 1) / CLFIT_PARTIAL_SUMS;
  const size_t offset = (size_t)slot * stride + member;
  const uint first_epoch = at.epoch;
  float w1[VECTORS], b1[VECTORS], w2[VECTORS];
  float b2 = b2_all[slot];
  float a[VECTORS];
  EACH_NEURON(k)
  {
    w1[k] = w1_all[offset + k * CLFIT_PARTIAL_SUMS];
    b1[k] = b1_all[offset + k * CLFIT_PARTIAL_SUMS];
    w2[k] = w2_all[offset + k * CLFIT_PARTIAL_SUMS];
  }
  uint turn = 0;

  /* The conditions below have the same value in all 32 work-items, so that all of them reach every barrier or shuffle.
   * */
  while (steps && at.status == CLFIT_TRAINING) {
    const uint segment = steps_to_boundary(task, at, steps);
    const struct order order = begin_order(task, at.sample);
    bool finite = true;
    uint i = 0;
    while (i < segment && finite) {
      const float x = x_all[sample_index(order, i)], y = y_all[sample_index(order, i)];
      float sum = 0.0f;
      EACH_NEURON(k)
      {
        a[k] = ACTIVATE(fma(w1[k], x, b1[k]));
        if (k >= PADDED_FROM) a[k] = member + k * CLFIT_PARTIAL_SUMS < task.hidden ? a[k] : -0.0f; /* see neuron.h */
        sum = fma(w2[k], a[k], sum);
      }
      const float e = (add_partial_sums(buffer, turn++, sum) + b2) - y;
      finite = fabs(e) <= FLT_MAX;
      if (finite) {
        at.block_loss = fma(e, e, at.block_loss);
        const float scale = task.rate * e;
        const float scale_x = scale * x;
        EACH_NEURON(k)
        {
          const float z = fma(w1[k], x, b1[k]); /* as above, see neuron.h */
          const float g = SLOPE(a[k], z) * w2[k];
          w2[k] = fma(-scale, a[k], w2[k]);
          b1[k] = fma(-scale, g, b1[k]);
          w1[k] = fma(-scale_x, g, w1[k]);
        }
        b2 = fma(-task.rate, e, b2);
        i++;
      }
    }
    if (finite) {
      steps -= segment;
      at = count_steps(task, at, segment);
      if (at.sample == 0 && member == 0) store_loss(losses, losses_kept, slot, first_epoch, at);
    } else {
      at.sample += i;
      at.status = CLFIT_DIVERGED;
    }
  }

  EACH_NEURON(k)
  {
    w1_all[offset + k * CLFIT_PARTIAL_SUMS] = w1[k];
    b1_all[offset + k * CLFIT_PARTIAL_SUMS] = b1[k];
    w2_all[offset + k * CLFIT_PARTIAL_SUMS] = w2[k];
  }
  /* all work-items must have read b2 and progress before the first one overwrites them; without a step there was no
   * barrier */
  barrier(CLK_GLOBAL_MEM_FENCE);
  if (member == 0) {
    b2_all[slot] = b2;
    progress[slot] = at;
  }
}
