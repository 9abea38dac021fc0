/*
 * packed: one work-item trains LANES networks at once, one in each lane of a vector (16 on a CPU, 1 on a GPU, where a
 * thread owns a network). For many networks: no step waits for a sum across lanes.
 *
 * Global size: the number of packs; any local size. Network `slot` is lane slot mod LANES of pack slot / LANES. W1, B1
 * and W2 are [packs][stride] vectors, padded with zeros, B2 is [packs]; all of them stay in private memory while the
 * kernel runs. No local memory. Networks of a pack may differ in everything but the program they share: each has its
 * own samples, rate, count and end.
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
#define VECTORS 8 /* neurons that a network has room for */
#endif
#ifndef UNROLL
#define UNROLL 1 /* 1: loops run over VECTORS (at most 32) neurons, unrolled; 0: over as many as the pack needs,
                    a multiple of 32 */
#endif
#ifndef PADDED_FROM
#define PADDED_FROM 0 /* every network has the neurons before this one */
#endif

#if LANES == 16
typedef int16 flags; /* per lane 0 or -1, as comparisons give them */
#define ANY(flags) any(flags)
#define LOAD_LANES(array) vload16(0, array)
#define STORE_LANES(value, array) vstore16(value, 0, array)
#else
typedef int flags;
#define ANY(flags) ((flags) != 0)
#define LOAD_LANES(array) ((array)[0])
#define STORE_LANES(value, array) ((array)[0] = (value))
#endif

/* Neurons that go through the steps of an activation side by side. */
#if UNROLL && VECTORS < 8
#define BLOCK VECTORS
#else
#define BLOCK 8
#endif
#define EACH(i, count) __attribute__((opencl_unroll_hint(count))) for (uint i = 0; i < (count); i++)
#if UNROLL
#define EACH_NEURON(j) EACH(j, VECTORS)
#else
#define EACH_NEURON(j) for (uint j = 0; j < neurons; j++)
#endif

/* One activation of each lane's network; a padded neuron's is +0 at every step. */
static inline real activate_masked(struct ratio ratio, uint j, flags hidden)
{
  const real a = QUOTIENT(ratio);
  if (j < PADDED_FROM) return a;
  return hidden > (flags)((int)j) ? a : (real)(0.0f);
}

/* Adds neurons j, j + 1, ... BLOCK of them, each to a sum of its own. */
static inline void forward(const real *w1, const real *b1, const real *w2, real x, flags hidden, uint j, uint count,
                           real *a, real *sums)
{
  struct reduced reduced[BLOCK];
  struct ratio ratio[BLOCK];
  EACH(i, BLOCK) if (i < count) reduced[i] = REDUCE(FMA(w1[j + i], x, b1[j + i]));
  EACH(i, BLOCK) if (i < count) ratio[i] = RATIO(reduced[i]);
  EACH(i, BLOCK) if (i < count) {
    a[j + i] = activate_masked(ratio[i], j + i, hidden);
    sums[i] = FMA(w2[j + i], a[j + i], sums[i]);
  }
}

/* W2 . a in the strict order: neuron j to sum j mod 32, the sums added by halving. */
static inline real sum_output(const real *w1, const real *b1, const real *w2, real x, flags hidden, uint neurons,
                              real *a)
{
#if UNROLL
  real sums[VECTORS];
  EACH(j, VECTORS) sums[j] = (real)(0.0f);
  __attribute__((opencl_unroll_hint)) for (uint j = 0; j < VECTORS; j += BLOCK)
    forward(w1, b1, w2, x, hidden, j, VECTORS - j < BLOCK ? VECTORS - j : BLOCK, a, sums + j);
  __attribute__((opencl_unroll_hint(5))) for (uint stride = CLFIT_LANE_COUNT / 2; stride > 0; stride /= 2)
    EACH(i, CLFIT_LANE_COUNT / 2) if (i < stride && i + stride < VECTORS) sums[i] += sums[i + stride];
  return sums[0] + 0.0f; /* stands for the empty sums, which were left out */
#else
  real sums[CLFIT_LANE_COUNT];
  for (uint first = 0; first < CLFIT_LANE_COUNT; first += BLOCK) {
    real block[BLOCK];
    EACH(i, BLOCK) block[i] = (real)(0.0f);
    for (uint j = first; j < neurons; j += CLFIT_LANE_COUNT) forward(w1, b1, w2, x, hidden, j, BLOCK, a, block);
    EACH(i, BLOCK) sums[first + i] = block[i];
  }
  for (uint stride = CLFIT_LANE_COUNT / 2; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sums[i] += sums[i + stride];
  return sums[0];
#endif
}

/* The lanes of a pack while it trains, one entry a lane: what is counted, not what is computed. */
struct pack {
  struct network_task task[LANES];
  struct network_progress at[LANES];
  uint first_epoch[LANES]; /* at the launch's start */
  int training[LANES];     /* -1: still training, 0: not */
};

/* Steps until some network of the pack has to be looked at. */
static inline uint steps_to_pack_pause(const struct pack *pack, uint steps)
{
  uint pause = steps;
  for (uint l = 0; l < LANES; l++)
    if (pack->training[l]) pause = min(pause, steps_to_pause(pack->task[l], pack->at[l], steps));
  return pause;
}

kernel void train(global const struct network_task *restrict tasks, global struct network_progress *restrict progress,
                  global real *restrict w1_all, global real *restrict b1_all, global real *restrict w2_all,
                  global real *restrict b2_all, global const float *restrict x_all, global const float *restrict y_all,
                  global float *restrict losses, uint keep, uint stride, uint steps)
{
  const uint number = get_global_id(0);
  const size_t place = (size_t)number * stride;
  struct pack pack;
  float rates[LANES];
  int hiddens[LANES];
  uint neurons = 0; /* of the largest network, a multiple of 32; used without UNROLL */
  for (uint l = 0; l < LANES; l++) {
    pack.task[l] = tasks[number * LANES + l];
    pack.at[l] = progress[number * LANES + l];
    pack.first_epoch[l] = pack.at[l].epoch;
    pack.training[l] = pack.at[l].status == CLFIT_TRAINING ? -1 : 0;
    rates[l] = pack.task[l].rate;
    hiddens[l] = (int)pack.task[l].hidden;
    neurons = max(neurons, (pack.task[l].hidden + CLFIT_LANE_COUNT - 1) / CLFIT_LANE_COUNT * CLFIT_LANE_COUNT);
  }
  flags training = LOAD_LANES(pack.training);
  if (!ANY(training)) return;
  const real rate = LOAD_LANES(rates);
  const flags hidden = LOAD_LANES(hiddens);

  real w1[VECTORS], b1[VECTORS], w2[VECTORS], a[VECTORS];
  EACH_NEURON(j) {
    w1[j] = w1_all[place + j];
    b1[j] = b1_all[place + j];
    w2[j] = w2_all[place + j];
  }
  real b2 = b2_all[number];

/* Stores the lanes that are flagged, and leaves the others as they are in memory. */
#define STORE_FLAGGED(flagged)                                                                                                 \
  EACH_NEURON(j) {                                                                                                     \
    w1_all[place + j] = (flagged) ? w1[j] : w1_all[place + j];                                                         \
    b1_all[place + j] = (flagged) ? b1[j] : b1_all[place + j];                                                         \
    w2_all[place + j] = (flagged) ? w2[j] : w2_all[place + j];                                                         \
  }                                                                                                                    \
  b2_all[number] = (flagged) ? b2 : b2_all[number];

  while (steps && ANY(training)) {
    const uint pause = steps_to_pack_pause(&pack, steps);
    /* Where each lane reads; a lane that is done reads one sample again and again, and nobody looks at what it does. */
    uint offsets[LANES], common = 0;
    float block_losses[LANES];
    bool same = true, found = false;
    for (uint l = 0; l < LANES; l++) {
      offsets[l] = pack.task[l].first + (pack.training[l] ? pack.at[l].sample : 0);
      block_losses[l] = pack.at[l].block_loss;
      if (!pack.training[l]) continue;
      if (!found) common = offsets[l];
      same = same && offsets[l] == common;
      found = true;
    }
    real block_loss = LOAD_LANES(block_losses);

    for (uint n = 0; n < pause; n++) {
      real x, y;
      if (same) {
        x = (real)(x_all[common + n]);
        y = (real)(y_all[common + n]);
      } else {
        float xs[LANES], ys[LANES];
        for (uint l = 0; l < LANES; l++) {
          xs[l] = x_all[offsets[l] + (pack.training[l] ? n : 0)];
          ys[l] = y_all[offsets[l] + (pack.training[l] ? n : 0)];
        }
        x = LOAD_LANES(xs);
        y = LOAD_LANES(ys);
      }
      const real e = (sum_output(w1, b1, w2, x, hidden, neurons, a) + b2) - y;
      const flags diverged = training & !(fabs(e) <= (real)(FLT_MAX));
      if (ANY(diverged)) {
        int ended[LANES];
        STORE_LANES(diverged, ended);
        STORE_LANES(block_loss, block_losses);
        for (uint l = 0; l < LANES; l++) {
          if (!ended[l]) continue;
          pack.at[l].status = CLFIT_DIVERGED;
          pack.at[l].sample += n;
          pack.at[l].block_loss = block_losses[l];
          pack.training[l] = 0;
        }
        training = LOAD_LANES(pack.training);
      }
      block_loss = FMA(e, e, block_loss);
      const real s = rate * e;
      const real sx = s * x;
      EACH_NEURON(j) {
        const real g = SLOPE(a[j]) * w2[j];
        w2[j] = FMA(-s, a[j], w2[j]);
        b1[j] = FMA(-s, g, b1[j]);
        w1[j] = FMA(-sx, g, w1[j]);
      }
      b2 = FMA(-rate, e, b2);
    }

    steps -= pause;
    STORE_LANES(block_loss, block_losses);
    int ended[LANES];
    for (uint l = 0; l < LANES; l++) {
      ended[l] = 0;
      if (!pack.training[l]) continue;
      pack.at[l].block_loss = block_losses[l];
      pack.at[l] = count_steps(pack.task[l], pack.at[l], pause);
      if (pack.at[l].sample == 0) store_loss(losses, keep, number * LANES + l, pack.first_epoch[l], pack.at[l]);
      if (pack.at[l].status == CLFIT_TRAINING) continue;
      ended[l] = -1;
      pack.training[l] = 0;
    }
    training = LOAD_LANES(pack.training);
    const flags finished = LOAD_LANES(ended);
    /* Copied out now: the lane goes on computing, and no masking by a zero step would be exact. */
    if (ANY(finished)) STORE_FLAGGED(finished)
  }

  STORE_FLAGGED(training)
  for (uint l = 0; l < LANES; l++) progress[number * LANES + l] = pack.at[l];
}
