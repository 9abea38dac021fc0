/*
 * team: 32 work-items train one network; work-item l of them owns the neurons l, l + 32, l + 64 ... For GPUs. GROUP such
 * teams make a work-group.
 *
 * Global size: slots * 32, slots a multiple of GROUP; local size GROUP * 32. W1, B1 and W2 are [slots][stride] floats,
 * padded with zeros, so that neighbours read neighbours; B2 is [slots]. All stay in private memory while the kernel
 * runs. What belongs to the whole network (b2, its progress) every work-item computes alike; the first one stores it.
 *
 * Local memory: without SHUFFLE 2 * 32 floats, the lane sums of this step and of the one before. One barrier a step is
 * enough: a work-item writes a buffer again only after the next step's barrier, when all have read it. A team is then a
 * work-group, since teams of one group would meet different numbers of barriers. With SHUFFLE a team is a warp, whose
 * work-items read each other's registers: no local memory, no barrier in the loop, and teams that do not wait for each
 * other; several make a work-group because the number of work-groups that a processor holds is limited.
 */
#define PLANE  float /* of the buffers W1, B1 and W2 */
#define SCALAR float /* of B2 */
#include "arguments.h"
#include "network.h"
#include "order.h"
#include "progress.h"
#include "selftest.h"
#include "steps.h"

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

#ifndef SHUFFLE
#define SHUFFLE 0 /* 1: NVIDIA's work-items read each other's registers */
#endif
#ifndef ACT_OUT_SHUFFLE
#define ACT_OUT_SHUFFLE 0 /* 1: in local memory, so that a test needs no such device; its networks must all end alike */
#endif
#ifndef GROUP
#define GROUP 1 /* teams in a work-group; 1 without SHUFFLE */
#endif
#define GROUP_SIZE (GROUP * CLFIT_LANE_COUNT)

#if SHUFFLE
#define BUFFER_SIZE (ACT_OUT_SHUFFLE ? GROUP_SIZE : 1)

#ifndef EXCHANGE /* a test puts a wrong one here, to see it refused */
#define EXCHANGE(buffer, value, stride) exchange(buffer, value, stride)
#endif

/* `value` of the work-item whose place in the team differs in the bit `stride`. */
static inline float exchange(local float *buffer, float value, uint stride)
{
#if ACT_OUT_SHUFFLE
  const uint place = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE); /* all have read what is there */
  buffer[place] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  return buffer[place ^ stride];
#else
  float other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(value), "r"(stride));
  return other;
#endif
}

/* The 32 lanes, added by halving. Lane i adds lane i ^ stride, which for the lower half is lane i + stride as the order
 * wants it, and for the upper half the same two values the other way round: all work-items end with the same bits. */
static inline float sum_lanes(local float *buffer, uint turn, float sum)
{
  __attribute__((opencl_unroll_hint(5))) for (uint stride = CLFIT_LANE_COUNT / 2; stride > 0; stride /= 2) sum +=
      EXCHANGE(buffer, sum, stride);
  return sum;
}
#else
#define BUFFER_SIZE (2 * CLFIT_LANE_COUNT)

/* The 32 lanes, added by halving: every work-item does it for itself, which costs no further barrier. `turn` counts the
 * sums. */
static inline float sum_lanes(local float *buffer, uint turn, float own)
{
  local float *lanes = buffer + turn % 2 * CLFIT_LANE_COUNT;
  float sum[CLFIT_LANE_COUNT / 2];
  lanes[get_local_id(0)] = own;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint i = 0; i < 16; i++) sum[i] = lanes[i] + lanes[i + 16];
  for (uint stride = 8; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sum[i] += sum[i + stride];
  return sum[0];
}
#endif

/* The self-test of the sum: each work-item takes one value after the other, `turns` in all, to its team's sums.
 * values and sums: [turns][global size]. */
kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void selftest_lanes(global const float *values,
                                                                                   global float *sums, uint turns)
{
  local float buffer[BUFFER_SIZE];
  for (uint turn = 0; turn < turns; turn++) {
    const size_t place = turn * get_global_size(0) + get_global_id(0);
    sums[place] = sum_lanes(buffer, turn, values[place]);
  }
}

kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void train(TRAIN_ARGUMENTS)
{
  local float buffer[BUFFER_SIZE];
  const uint lane = get_local_id(0) & (CLFIT_LANE_COUNT - 1);
  const uint slot = get_global_id(0) / CLFIT_LANE_COUNT;
  const struct network_task task = tasks[slot];
  struct network_progress at = progress[slot];

  const uint neurons = (task.hidden + CLFIT_LANE_COUNT - 1) / CLFIT_LANE_COUNT;
  const size_t place = (size_t)slot * stride + lane;
  const uint first_epoch = at.epoch;
  const struct numbers_float numbers = numbers_of(task);
  PARAMETER(float) w1[VECTORS], b1[VECTORS], w2[VECTORS], b2;
  float a[VECTORS];
#define LOAD_SET(set)                                                                                                  \
  EACH_NEURON(k)                                                                                                       \
  {                                                                                                                    \
    w1[k].set = w1_##set[place + k * CLFIT_LANE_COUNT];                                                                \
    b1[k].set = b1_##set[place + k * CLFIT_LANE_COUNT];                                                                \
    w2[k].set = w2_##set[place + k * CLFIT_LANE_COUNT];                                                                \
  }                                                                                                                    \
  b2.set = b2_##set[slot];
  SETS(LOAD_SET)
  uint turn = 0;

  /* Every condition below is the same for all 32 work-items, so that all reach each sum. */
  while (steps && at.status == CLFIT_TRAINING) {
    const uint pause = steps_to_pause(task, at, steps);
    const struct order order = begin_order(task, at.sample);
    bool finite = true;
    uint i = 0;
    while (i < pause && finite) {
      const float x = x_all[sample_index(order, i)], y = y_all[sample_index(order, i)];
      float sum = 0.0f;
      EACH_NEURON(k)
      {
        a[k] = ACTIVATE(fma(w1[k].value, x, b1[k].value));
        if (k >= PADDED_FROM) a[k] = lane + k * CLFIT_LANE_COUNT < task.hidden ? a[k] : -0.0f; /* see neuron.h */
        sum = fma(w2[k].value, a[k], sum);
      }
      const float e = (sum_lanes(buffer, turn++, sum) + b2.value) - y;
      finite = fabs(e) <= FLT_MAX;
      if (finite) {
        at.block_loss = fma(e, e, at.block_loss);
        const float scale = SCALE(task.rate) * e;
        const float scale_x = scale * x;
        EACH_NEURON(k)
        {
          const float g = SLOPE(a[k]) * w2[k].value;
          w2[k] = UPDATE(float)(w2[k], numbers, scale, a[k]);
          b1[k] = UPDATE(float)(b1[k], numbers, scale, g);
          w1[k] = UPDATE(float)(w1[k], numbers, scale_x, g);
        }
        b2 = UPDATE(float)(b2, numbers, SCALE(task.rate), e);
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

#define STORE_SET(set)                                                                                                 \
  EACH_NEURON(k)                                                                                                       \
  {                                                                                                                    \
    w1_##set[place + k * CLFIT_LANE_COUNT] = w1[k].set;                                                                \
    b1_##set[place + k * CLFIT_LANE_COUNT] = b1[k].set;                                                                \
    w2_##set[place + k * CLFIT_LANE_COUNT] = w2[k].set;                                                                \
  }
  SETS(STORE_SET)
  barrier(CLK_GLOBAL_MEM_FENCE); /* all have read b2 and progress, also where no step brought a barrier */
  if (lane == 0) {
#define STORE_B2(set) b2_##set[slot] = b2.set;
    SETS(STORE_B2)
    progress[slot] = at;
  }
}
