/*
 * team: a work-group of 32 trains one network; work-item l owns the neurons l, l + 32, l + 64 ... For GPUs.
 *
 * Global size: slots * 32, local size 32. W1, B1 and W2 are [slots][stride] floats, padded with zeros, so that
 * neighbours read neighbours; B2 is [slots]. All stay in private memory while the kernel runs. What belongs to the whole
 * network (b2, its progress) every work-item computes alike; work-item 0 stores it.
 *
 * Local memory: 2 * 32 floats, the lane sums of this step and of the one before. One barrier a step is enough: a
 * work-item writes a buffer again only after the next step's barrier, when all have read it.
 */
#include "network.h"
#include "numerics.h"
#include "progress.h"
#include "selftest.h"

#ifndef ACTIVATE
#define ACTIVATE activate_sigmoid /* of the hidden layer */
#define SLOPE slope_sigmoid
#endif
#ifndef VECTORS
#define VECTORS 4 /* neurons that each work-item has room for */
#endif
#ifndef UNROLL
#define UNROLL 1 /* 1: loops run over all VECTORS and are unrolled; 0: over as many as the network needs */
#endif
#ifndef PADDED_FROM
#define PADDED_FROM 0 /* the neurons 32*k .. 32*k + 31 of smaller k than this are in every network */
#endif

#if UNROLL
#define EACH_NEURON(k) __attribute__((opencl_unroll_hint)) for (uint k = 0; k < VECTORS; k++)
#else
#define EACH_NEURON(k) __attribute__((opencl_unroll_hint(1))) for (uint k = 0; k < neurons; k++)
#endif

/* The 32 lanes, added by halving: every work-item does it for itself, which costs no further barrier. */
static inline float sum_lanes(local const float *lanes)
{
  float sum[CLFIT_LANE_COUNT / 2];
  for (uint i = 0; i < 16; i++) sum[i] = lanes[i] + lanes[i + 16];
  for (uint stride = 8; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sum[i] += sum[i + stride];
  return sum[0];
}

kernel __attribute__((reqd_work_group_size(CLFIT_LANE_COUNT, 1, 1))) void
train(global const struct network_task *restrict tasks, global struct network_progress *restrict progress,
      global float *restrict w1_all, global float *restrict b1_all, global float *restrict w2_all,
      global float *restrict b2_all, global const float *restrict x_all, global const float *restrict y_all,
      global float *restrict losses, uint keep, uint stride, uint steps)
{
  local float lanes[2][CLFIT_LANE_COUNT];
  const uint lane = get_local_id(0);
  const uint slot = get_group_id(0);
  const struct network_task task = tasks[slot];
  struct network_progress at = progress[slot];

  const uint neurons = (task.hidden + CLFIT_LANE_COUNT - 1) / CLFIT_LANE_COUNT;
  const size_t place = (size_t)slot * stride + lane;
  const uint first_epoch = at.epoch;
  float w1[VECTORS], b1[VECTORS], w2[VECTORS], a[VECTORS];
  EACH_NEURON(k) {
    w1[k] = w1_all[place + k * CLFIT_LANE_COUNT];
    b1[k] = b1_all[place + k * CLFIT_LANE_COUNT];
    w2[k] = w2_all[place + k * CLFIT_LANE_COUNT];
  }
  float b2 = b2_all[slot];
  uint buffer = 0;

  /* Every condition below is the same for all 32 work-items, so that all reach each barrier. */
  while (steps && at.status == CLFIT_TRAINING) {
    const uint pause = steps_to_pause(task, at, steps);
    global const float *x = x_all + task.first + at.sample;
    global const float *y = y_all + task.first + at.sample;
    bool finite = true;
    uint i = 0;
    while (i < pause && finite) {
      float sum = 0.0f;
      EACH_NEURON(k) {
        a[k] = ACTIVATE(fma(w1[k], x[i], b1[k]));
        if (k >= PADDED_FROM) a[k] = lane + k * CLFIT_LANE_COUNT < task.hidden ? a[k] : 0.0f;
        sum = fma(w2[k], a[k], sum);
      }
      lanes[buffer][lane] = sum;
      barrier(CLK_LOCAL_MEM_FENCE);
      const float e = (sum_lanes(lanes[buffer]) + b2) - y[i];
      buffer ^= 1;
      finite = fabs(e) <= FLT_MAX;
      if (finite) {
        at.block_loss = fma(e, e, at.block_loss);
        const float s = task.rate * e;
        const float sx = s * x[i];
        EACH_NEURON(k) {
          const float g = SLOPE(a[k]) * w2[k];
          w2[k] = fma(-s, a[k], w2[k]);
          b1[k] = fma(-s, g, b1[k]);
          w1[k] = fma(-sx, g, w1[k]);
        }
        b2 = fma(-task.rate, e, b2);
        i++;
      }
    }
    if (finite) {
      steps -= pause;
      at = count_steps(task, at, pause);
      if (at.sample == 0 && lane == 0) store_loss(losses, keep, slot, first_epoch, at);
    } else {
      at.sample += i;
      at.status = CLFIT_DIVERGED;
    }
  }

  EACH_NEURON(k) {
    w1_all[place + k * CLFIT_LANE_COUNT] = w1[k];
    b1_all[place + k * CLFIT_LANE_COUNT] = b1[k];
    w2_all[place + k * CLFIT_LANE_COUNT] = w2[k];
  }
  barrier(CLK_GLOBAL_MEM_FENCE); /* all have read b2 and progress, also where no step brought a barrier */
  if (lane == 0) {
    b2_all[slot] = b2;
    progress[slot] = at;
  }
}
