/*
 * wide: one work-item trains one network; its neurons lie across the lanes of float16, neuron j in lane j mod 16 of
 * vector j / 16. For CPUs, where a barrier inside the loop over samples would cost more than the step itself.
 *
 * W1, B1 and W2 are [slots][stride/16] vectors, padded with zeros, B2 is [slots]; all of them stay in private memory
 * while the kernel runs. No local memory.
 *
 * Global size: the number of slots, or a fraction of it, at least 1/TOGETHER; work-item i trains the networks of the
 * slots i, i + global size ...; any local size.
 */
#ifndef LANES
#define LANES 16
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
/* Networks that a work-item trains in turns, a step of each: the processor looks ahead from one network's
 * sum, where it would wait, into the next network. */
#ifndef TOGETHER
#define TOGETHER 1
#endif
#define NEURONS LANES /* of a network in a vector */
#if UNROLL
#define EACH_VECTOR(v) EACH(v, VECTORS)
#else
#define EACH_VECTOR(v) for (uint v = 0; v < VECTORS; v++)
#define BLOCK          4 /* a network's vectors are padded to blocks */
#endif
#include "network.h"
#include "neuron.h"
#include "progress.h"
#include "selftest.h"

struct network {
  struct neurons vectors[VECTORS];
  float b2;
  real s, sx;   /* rate * e and rate * e * x of the last sample */
  bool pending; /* the neurons have not learnt from it yet */
  bool training;
  uint next; /* sample since the last pause */
  struct network_task task;
  struct network_progress at;
  uint first_epoch; /* at the launch's start */
};

/* Lanes 0..15 and 16..31 of the strict order, added by halving. */
static inline float sum_lanes(float16 low, float16 high)
{
  float16 s16 = low + high;
  float8 s8 = s16.lo + s16.hi;
  float4 s4 = s8.lo + s8.hi;
  float2 s2 = s4.lo + s4.hi;
  return s2.x + s2.y;
}

/* W2 . a in the strict order. */
INLINE float sum_output(struct network *network, bool learns, float x)
{
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const int16 hidden = (int16)((int)network->task.hidden) - lane;
  real sums[2] = {(real)(0.0f), (real)(0.0f)};
#define PASS(first, count, masked)                                                                                     \
  pass(network->vectors, learns, network->s, network->sx, (real)(x), first, count, masked, hidden, sums, (first) % 2, 2)
#if UNROLL
  EACH(block, BLOCKS_FOR(VECTORS))
  PASS(FIRST_OF(block, VECTORS), FIRST_OF(block + 1, VECTORS) - FIRST_OF(block, VECTORS),
       FIRST_OF(block + 1, VECTORS) > PADDED_FROM);
#else
  uint first = 0;
  for (; (first + BLOCK) * LANES <= network->task.hidden; first += BLOCK) PASS(first, BLOCK, false);
  if (first * LANES < network->task.hidden) PASS(first, BLOCK, true);
#endif
  return sum_lanes(sums[0], sums[1]);
}

INLINE void learn_pending(struct network *network)
{
  struct neurons learnt[1];
  EACH_VECTOR(v) learn(&network->vectors[v], 1, network->s, network->sx, learnt);
  network->pending = false;
}

INLINE void step(struct network *network, global const float *x_all, global const float *y_all)
{
  const uint sample = network->task.first + network->at.sample + network->next;
  const float x = x_all[sample], y = y_all[sample];
  const float sum = network->pending ? sum_output(network, true, x) : sum_output(network, false, x);
  const float e = (sum + network->b2) - y;
  if (!(fabs(e) <= FLT_MAX)) {
    network->at.status = CLFIT_DIVERGED;
    network->pending = false;
    return;
  }
  network->at.block_loss = fma(e, e, network->at.block_loss);
  const float s = network->task.rate * e;
  network->s = (real)(s);
  network->sx = (real)(s * x);
  network->b2 = fma(-network->task.rate, e, network->b2);
  network->pending = true;
  network->next++;
}

kernel void train(global const struct network_task *restrict tasks, global struct network_progress *restrict progress,
                  global float16 *restrict w1_all, global float16 *restrict b1_all, global float16 *restrict w2_all,
                  global float *restrict b2_all, global const float *restrict x_all, global const float *restrict y_all,
                  global float *restrict losses, uint keep, uint stride, uint steps, uint slot_count)
{
  struct network networks[TOGETHER];
  bool training = false;
/* The networks of this work-item, and a network's slot. */
#define EACH_NETWORK(p) for (uint p = 0; p < TOGETHER; p++)
#define SLOT(p)         ((uint)(get_global_id(0) + (p)*get_global_size(0)))
  EACH_NETWORK(p)
  {
    struct network *network = &networks[p];
    network->training = false;
    if (SLOT(p) >= slot_count) continue;
    network->at = progress[SLOT(p)];
    network->training = network->at.status == CLFIT_TRAINING;
    if (!network->training) continue;
    training = true;
    network->task = tasks[SLOT(p)];
    network->first_epoch = network->at.epoch;
    network->pending = false;
    const size_t place = (size_t)SLOT(p) * (stride / LANES);
    EACH_VECTOR(v)
    {
      network->vectors[v].w1 = w1_all[place + v];
      network->vectors[v].b1 = b1_all[place + v];
      network->vectors[v].w2 = w2_all[place + v];
      network->vectors[v].a = (real)(0.0f); /* of vectors beyond the network nobody else sets it */
    }
    network->b2 = b2_all[SLOT(p)];
  }

  while (steps && training) {
    uint pause = steps;
    EACH_NETWORK(p) if (networks[p].training)
    {
      pause = min(pause, steps_to_pause(networks[p].task, networks[p].at, steps));
      networks[p].next = 0;
    }
    for (uint n = 0; n < pause; n++)
      EACH_NETWORK(p)
      if (networks[p].training && networks[p].at.status == CLFIT_TRAINING) step(&networks[p], x_all, y_all);
    steps -= pause;

    training = false;
    EACH_NETWORK(p) if (networks[p].training)
    {
      struct network *network = &networks[p];
      if (network->at.status == CLFIT_DIVERGED) {
        network->at.sample += network->next;
      } else {
        network->at = count_steps(network->task, network->at, pause);
        if (network->at.sample == 0) store_loss(losses, keep, SLOT(p), network->first_epoch, network->at);
      }
      network->training = network->at.status == CLFIT_TRAINING;
      training = training || network->training;
      if (network->training && steps) continue;
      if (network->pending) learn_pending(network);
      const size_t place = (size_t)SLOT(p) * (stride / LANES);
      EACH_VECTOR(v)
      {
        w1_all[place + v] = network->vectors[v].w1;
        b1_all[place + v] = network->vectors[v].b1;
        w2_all[place + v] = network->vectors[v].w2;
      }
      b2_all[SLOT(p)] = network->b2;
      progress[SLOT(p)] = network->at;
    }
  }
}
