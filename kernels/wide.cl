/*
 * wide: one work-item trains one network; its neurons lie across the lanes of float16, neuron j in lane j mod 16 of
 * vector j / 16. For CPUs, where a barrier inside the loop over samples would cost more than the step itself.
 *
 * Global size: the number of slots. W1, B1 and W2 are [slots][stride/16] vectors, padded with zeros, B2 is [slots]; all
 * of them stay in private memory (in registers, as long as they fit) while the kernel runs. No local memory.
 */
#ifndef LANES
#define LANES 16
#endif
#include "network.h"
#include "numerics.h"
#include "progress.h"
#include "selftest.h"

#ifndef REDUCE
#define REDUCE reduce_sigmoid /* the three steps of the activation of the hidden layer, and its slope */
#define RATIO ratio_sigmoid
#define SLOPE slope_sigmoid
#define QUOTIENT quotient
#endif
#ifndef VECTORS
#define VECTORS 8 /* vectors of 16 neurons that a network has room for */
#endif
#ifndef UNROLL
#define UNROLL 1 /* 1: every network has VECTORS vectors, loops are unrolled; 0: as many blocks as its neurons need */
#endif
#ifndef PADDED_FROM
#define PADDED_FROM 0 /* every network fills the vectors before this one */
#endif

/* Vectors that go through the steps of an activation side by side: enough to keep two fma units busy (2 units x 4
 * cycles), and few enough for a processor to look ahead over them. */
#if VECTORS < 8
#define BLOCK VECTORS
#else
#define BLOCK 8
#endif

#define EACH(v, count) __attribute__((opencl_unroll_hint(count))) for (uint v = 0; v < count; v++)
#if UNROLL
#define EACH_BLOCK(first) __attribute__((opencl_unroll_hint(VECTORS / BLOCK))) for (uint first = 0; first < VECTORS; first += BLOCK)
#else
#define EACH_BLOCK(first) __attribute__((opencl_unroll_hint(1))) for (uint first = 0; first < vectors; first += BLOCK)
#endif

/* Lanes 0..15 and 16..31 of the strict order, added by halving. */
static inline float sum_lanes(float16 low, float16 high)
{
  float16 s16 = low + high;
  float8 s8 = s16.lo + s16.hi;
  float4 s4 = s8.lo + s8.hi;
  float2 s2 = s4.lo + s4.hi;
  return s2.x + s2.y;
}

/* A padded neuron's activation is +0 at every step: a zero w2 alone would start to learn. */
static inline float16 mask_padding(float16 a, uint vector, uint hidden)
{
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  if (vector < PADDED_FROM) return a;
  return lane < (int16)((int)hidden - (int)vector * LANES) ? a : (float16)(0.0f);
}

kernel void train(global const struct network_task *restrict tasks, global struct network_progress *restrict progress,
                  global float16 *restrict w1_all, global float16 *restrict b1_all, global float16 *restrict w2_all,
                  global float *restrict b2_all, global const float *restrict x_all, global const float *restrict y_all,
                  global float *restrict losses, uint keep, uint stride, uint steps)
{
  const uint slot = get_global_id(0);
  const struct network_task task = tasks[slot];
  struct network_progress at = progress[slot];
  if (at.status != CLFIT_TRAINING) return;

  const uint vectors = (task.hidden + LANES - 1) / LANES; /* used without UNROLL */
  const size_t place = (size_t)slot * (stride / LANES);
  const uint first_epoch = at.epoch;
  float16 w1[VECTORS], b1[VECTORS], w2[VECTORS], a[VECTORS];
  EACH_BLOCK(first) EACH(i, BLOCK) {
    const uint v = first + i;
    w1[v] = w1_all[place + v];
    b1[v] = b1_all[place + v];
    w2[v] = w2_all[place + v];
  }
  float b2 = b2_all[slot];

  while (steps && at.status == CLFIT_TRAINING) {
    const uint pause = steps_to_pause(task, at, steps);
    global const float *x = x_all + task.first + at.sample;
    global const float *y = y_all + task.first + at.sample;
    uint n = 0;
    for (; n < pause; n++) {
      float16 low = 0.0f, high = 0.0f;
      EACH_BLOCK(first) {
        struct reduced reduced[BLOCK];
        struct ratio ratio[BLOCK];
        EACH(i, BLOCK) reduced[i] = REDUCE(fma(w1[first + i], (float16)(x[n]), b1[first + i]));
        EACH(i, BLOCK) ratio[i] = RATIO(reduced[i]);
        EACH(i, BLOCK) {
          const uint v = first + i;
          a[v] = mask_padding(QUOTIENT(ratio[i]), v, task.hidden);
          if (v % 2 == 0)
            low = fma(w2[v], a[v], low);
          else
            high = fma(w2[v], a[v], high);
        }
      }
      const float e = (sum_lanes(low, high) + b2) - y[n];
      if (!(fabs(e) <= FLT_MAX)) break;
      at.block_loss = fma(e, e, at.block_loss);
      const float s = task.rate * e;
      const float sx = s * x[n];
      EACH_BLOCK(first) EACH(i, BLOCK) {
        const uint v = first + i;
        const float16 g = SLOPE(a[v]) * w2[v];
        w2[v] = fma((float16)(-s), a[v], w2[v]);
        b1[v] = fma((float16)(-s), g, b1[v]);
        w1[v] = fma((float16)(-sx), g, w1[v]);
      }
      b2 = fma(-task.rate, e, b2);
    }
    if (n < pause) {
      at.sample += n;
      at.status = CLFIT_DIVERGED;
      break;
    }
    steps -= pause;
    at = count_steps(task, at, pause);
    if (at.sample == 0) store_loss(losses, keep, slot, first_epoch, at);
  }

  EACH_BLOCK(first) EACH(i, BLOCK) {
    const uint v = first + i;
    w1_all[place + v] = w1[v];
    b1_all[place + v] = b1[v];
    w2_all[place + v] = w2[v];
  }
  b2_all[slot] = b2;
  progress[slot] = at;
}
