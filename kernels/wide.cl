/*
 * wide: one work-item trains one network; its neurons lie across the lanes of float16, neuron j in lane j mod 16 of
 * vector j / 16. For CPUs, where a barrier inside the loop over samples would cost more than the step itself.
 *
 * W1, B1 and W2 are [slots][stride/16] vectors, padded with zeros, B2 is [slots]; all of them stay in private memory
 * while the kernel runs. No local memory.
 *
 * Global size: the number of slots, or a fraction of it, at least 1/INTERLEAVED; work-item i trains the networks of the
 * slots i, i + global size ...; any local size.
 */
#ifndef LANES
#define LANES 16
#endif
#ifndef VECTORS
#define VECTORS 8 /* capacity of a network in vectors of 16 neurons */
#endif
#ifndef UNROLL
/* 1: loops run over all VECTORS and are unrolled; 0: loops run over as many blocks as the network needs */
#define UNROLL 1
#endif
#ifndef PADDED_FROM
/* the vectors before this one are full in every network of this bucket, so they need no masking */
#define PADDED_FROM 0
#endif
/* Networks that a work-item trains alternately, one step of each: while the sum of one network is computed, the
 * processor can start the operations of the next network, which do not depend on it. */
#ifndef INTERLEAVED
#define INTERLEAVED 1
#endif
#define NEURONS LANES /* neurons of one network in a vector */
#if UNROLL
#define EACH_VECTOR(v) EACH(v, VECTORS)
#else
#define EACH_VECTOR(v) for (uint v = 0; v < VECTORS; v++)
#define BLOCK          4 /* a network's vectors are padded to blocks */
#endif
#define PLANE  real  /* of the buffers W1, B1 and W2 */
#define SCALAR float /* of B2 */
#include "arguments.h"
#include "network.h"
#include "neuron.h"
#include "order.h"
#include "progress.h"
#include "selftest.h"
#include "separate.h"

struct network {
  struct neurons vectors[VECTORS];
  float b2;
  struct gradient_step step; /* from the last sample */
  bool pending; /* the neurons have not been updated from the last sample yet */
  bool training;
  uint next; /* steps done in this segment */
  struct network_task task;
  struct network_progress at;
  uint first_epoch; /* at the launch's start */
};

/* Adds the partial sums 0..15 (low) and 16..31 (high) as the tree of the strict order. */
static inline float add_partial_sums(float16 low, float16 high)
{
  float16 s16 = low + high;
  float8 s8 = s16.lo + s16.hi;
  float4 s4 = s8.lo + s8.hi;
  float2 s2 = s4.lo + s4.hi;
  return s2.x + s2.y;
}

/* W2 . a in the strict order. */
INLINE float sum_output(struct network *network, bool updates, float x)
{
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const int16 hidden = (int16)((int)network->task.hidden) - lane;
  real sums[2] = {(real)(0.0f), (real)(0.0f)};
#define PASS(first, count, masked)                                                                                     \
  update_and_forward(network->vectors, updates, network->step, (real)(x), first, count, masked,      \
                     hidden, sums, (first) % 2, 2)
#if UNROLL
  EACH(block, BLOCKS_FOR(VECTORS))
  PASS(FIRST_OF(block, VECTORS), FIRST_OF(block + 1, VECTORS) - FIRST_OF(block, VECTORS),
       FIRST_OF(block + 1, VECTORS) > PADDED_FROM);
#else
  uint first = 0;
  for (; (first + BLOCK) * LANES <= network->task.hidden; first += BLOCK) PASS(first, BLOCK, false);
  if (first * LANES < network->task.hidden) PASS(first, BLOCK, true);
#endif
  return add_partial_sums(sums[0], sums[1]);
}

INLINE void apply_pending_update(struct network *network)
{
  struct neurons updated[1];
  EACH_VECTOR(v) update_vectors(&network->vectors[v], 1, network->step, updated);
  network->pending = false;
}

INLINE void step(struct network *network, global const float *x_all, global const float *y_all)
{
  const uint sample = sample_index(begin_order(network->task, network->at.sample), network->next);
  const float x = x_all[sample], y = y_all[sample];
  const float sum = network->pending ? sum_output(network, true, x) : sum_output(network, false, x);
  const float e = (sum + network->b2) - y;
  if (!(fabs(e) <= FLT_MAX)) {
    network->at.status = CLFIT_DIVERGED;
    network->pending = false;
    return;
  }
  network->at.block_loss = fma(e, e, network->at.block_loss);
  const float scale = network->task.rate * e;
  network->step.scale = (real)(scale);
  network->step.scale_x = (real)(scale * x);
  if (SLOPE_USES_Z) network->step.x = (real)(x);
  network->b2 = fma(-network->task.rate, e, network->b2);
  network->pending = true;
  network->next++;
}

/* For work-item `item` of `items`. */
SEPARATED train_networks(size_t item, size_t items, TRAIN_ARGUMENTS(SEPARATED_RESTRICT))
{
  STAYS_SEPARATE
  struct network networks[INTERLEAVED];
  bool training = false;
/* The networks of this work-item, and a network's slot. */
#define EACH_NETWORK(p) for (uint p = 0; p < INTERLEAVED; p++)
#define SLOT(p)         ((uint)(item + (p)*items))
  EACH_NETWORK(p)
  {
    struct network *network = &networks[p];
    network->training = false;
    if (SLOT(p) >= units) continue;
    network->at = progress[SLOT(p)];
    network->training = network->at.status == CLFIT_TRAINING;
    if (!network->training) continue;
    training = true;
    network->task = tasks[SLOT(p)];
    network->first_epoch = network->at.epoch;
    network->pending = false;
    const size_t offset = (size_t)SLOT(p) * (stride / LANES);
    EACH_VECTOR(v)
    {
      network->vectors[v].w1 = w1_all[offset + v];
      network->vectors[v].b1 = b1_all[offset + v];
      network->vectors[v].w2 = w2_all[offset + v];
      /* vectors beyond the network are never evaluated, so their activation must be set here */
      network->vectors[v].a = (real)(0.0f);
    }
    network->b2 = b2_all[SLOT(p)];
  }

  while (steps && training) {
    uint segment = steps;
    EACH_NETWORK(p) if (networks[p].training)
    {
      segment = min(segment, steps_to_boundary(networks[p].task, networks[p].at, steps));
      networks[p].next = 0;
    }
    for (uint n = 0; n < segment; n++) EACH_NETWORK(p)
    if (networks[p].training && networks[p].at.status == CLFIT_TRAINING) step(&networks[p], x_all, y_all);
    steps -= segment;

    training = false;
    EACH_NETWORK(p) if (networks[p].training)
    {
      struct network *network = &networks[p];
      if (network->at.status == CLFIT_DIVERGED) {
        network->at.sample += network->next;
      } else {
        network->at = count_steps(network->task, network->at, segment);
        if (network->at.sample == 0) store_loss(losses, losses_kept, SLOT(p), network->first_epoch, network->at);
      }
      network->training = network->at.status == CLFIT_TRAINING;
      training = training || network->training;
      if (network->training && steps) continue;
      if (network->pending) apply_pending_update(network);
      const size_t offset = (size_t)SLOT(p) * (stride / LANES);
      EACH_VECTOR(v)
      {
        w1_all[offset + v] = network->vectors[v].w1;
        b1_all[offset + v] = network->vectors[v].b1;
        w2_all[offset + v] = network->vectors[v].w2;
      }
      b2_all[SLOT(p)] = network->b2;
      progress[SLOT(p)] = network->at;
    }
  }
}

kernel void train(TRAIN_ARGUMENTS(restrict))
{
  train_networks(get_global_id(0), get_global_size(0), TRAIN_VALUES);
}
