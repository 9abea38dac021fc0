/*
 * team: 32 work-items train one network; work-item i of them owns the neurons i, i + 32, i + 64 ... For GPUs. GROUP
 * such teams make a work-group.
 *
 * Global size: slots * 32, slots a multiple of GROUP; local size GROUP * 32. W1, B1 and W2 are [slots][stride] floats,
 * padded with zeros, so that neighbouring work-items read neighbouring addresses (coalesced); B2 is [slots]. All stay
 * in private memory while the kernel runs. Every work-item computes b2 and progress, which belong to the whole network,
 * with identical results; the first one stores them.
 *
 * Local memory without SHUFFLE: 2 * 32 floats, the partial sums of this step and of the step before, in alternating
 * buffers. One barrier per step is enough: a buffer is written again only after the barrier of the next step, when all
 * work-items have read it. A work-group is then a single team, because teams in one group could need different numbers
 * of barriers. With SHUFFLE (NVIDIA) a team is a warp, whose work-items exchange registers: no local memory and no
 * barrier in the loop. Several teams then form a work-group, because a multiprocessor holds only a limited number of
 * work-groups.
 */
#define PLANE  float /* of the buffers W1, B1 and W2 */
#define SCALAR float /* of B2 */
#include "activation.h"
#include "arguments.h"
#include "network.h"
#include "order.h"
#include "progress.h"
#include "selftest.h"

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

#ifndef SHUFFLE
#define SHUFFLE 0 /* 1: add partial sums with NVIDIA's warp shuffle */
#endif
#ifndef EMULATE_SHUFFLE
/* 1: emulates the shuffle in local memory, for tests on other devices; all networks of a work-group must then end after
 * the same number of steps, because the emulation uses barriers */
#define EMULATE_SHUFFLE 0
#endif
#ifndef GROUP
#define GROUP 1 /* teams in a work-group; 1 without SHUFFLE */
#endif
#define GROUP_SIZE (GROUP * CLFIT_PARTIAL_SUMS)

#if SHUFFLE
#define BUFFER_SIZE (EMULATE_SHUFFLE ? GROUP_SIZE : 1)

#ifndef EXCHANGE /* a test defines a wrong exchange, to check that the self-test refuses it */
#define EXCHANGE(buffer, value, stride) exchange(buffer, value, stride)
#endif

/* Returns `value` of the work-item whose index in the team is this one's with the bit `stride` inverted. */
static inline float exchange(local float *buffer, float value, uint stride)
{
#if EMULATE_SHUFFLE
  const uint item = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE); /* all work-items have read the previous values */
  buffer[item] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  return buffer[item ^ stride];
#else
  float other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(value), "r"(stride));
  return other;
#endif
}

/* Adds the 32 partial sums as a tree. Work-item i adds the value of work-item i ^ stride: for the lower half this is i
 * + stride, as the strict order requires; for the upper half the same two values in the other order, and a + b = b + a.
 * So all work-items get the same bits. */
static inline float add_partial_sums(local float *buffer, uint turn, float sum)
{
  __attribute__((opencl_unroll_hint(5))) for (uint stride = CLFIT_PARTIAL_SUMS / 2; stride > 0; stride /= 2) sum +=
      EXCHANGE(buffer, sum, stride);
  return sum;
}
#else
#define BUFFER_SIZE (2 * CLFIT_PARTIAL_SUMS)

/* Adds the 32 partial sums as a tree. Every work-item adds all of them, which needs no further barrier. `turn` is the
 * number of sums computed before; it selects the buffer. */
static inline float add_partial_sums(local float *buffer, uint turn, float own)
{
  local float *all = buffer + turn % 2 * CLFIT_PARTIAL_SUMS;
  float sum[CLFIT_PARTIAL_SUMS / 2];
  all[get_local_id(0)] = own;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint i = 0; i < 16; i++) sum[i] = all[i] + all[i + 16];
  for (uint stride = 8; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sum[i] += sum[i + stride];
  return sum[0];
}
#endif

/* The self-test of add_partial_sums: it is called `turns` times, with a new value in each work-item. values and sums:
 * [turns][global size]. */
kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void selftest_sums(global const float *values,
                                                                                  global float *sums, uint turns)
{
  local float buffer[BUFFER_SIZE];
  for (uint turn = 0; turn < turns; turn++) {
    const size_t offset = turn * get_global_size(0) + get_global_id(0);
    sums[offset] = add_partial_sums(buffer, turn, values[offset]);
  }
}

kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void train(TRAIN_ARGUMENTS)
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
