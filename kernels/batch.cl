/*
 * batch: trains through gradients: mini-batches, the rules of rule.h, orders, schedules, samples held out, early ends.
 * One source for three layouts, which are those of the kernels for plain gradient descent of the same names:
 *
 *   packed  NETWORKS 16, LANES 16, ITEMS 1    a work-item trains a pack of 16 networks, one a lane
 *   wide    NETWORKS 1,  LANES 16, ITEMS 1    a work-item trains a network, whose neurons lie across the lanes
 *   team    NETWORKS 1,  LANES 1,  ITEMS 32   a work-group of 32 work-items trains a network
 *   packed  NETWORKS 1,  LANES 1,  ITEMS 1    on a GPU: a work-item trains a network of up to VECTORS neurons
 *
 * A vector is LANES values: in packed neuron v of 16 networks, in wide neurons 16 v .. 16 v + 15 of one; in team it is
 * the single value of neuron 32 v + i in work-item i. Values that belong to a network, such as e, are vectors too: in
 * packed of its lane, else the same in all lanes and work-items. So the code below is the same for all layouts but for
 * sums over neurons.
 *
 * W1, B1 and W2 are [units][stride] floats, [packs][stride][16] in packed, padded with zeros; B2 is [units], [packs]
 * vectors in packed. Unlike those of plain gradient descent the planes stay in global memory, where caches keep them:
 * they are too many for registers. Only b2 is in private memory. One program trains all numbers of neurons. Except on a
 * GPU with few neurons: a program for VECTORS of them in each work-item keeps their planes in registers.
 *
 * Global size: units, in team units * 32 with local size 32. A work-item or team takes the unit of its number. Local
 * memory, team only: see team_sum.h. All conditions around a sum have the same value in all work-items of a team.
 */
#ifndef NETWORKS
#define NETWORKS 1
#define ITEMS    1
#define LANES    16
#endif
#ifndef RULE_NAME
#define RULE_NAME plain
#endif
#ifndef VECTORS
#define VECTORS 0
#endif
#define PACKED   (NETWORKS > 1)
#define TEAM     (ITEMS > 1)
#define RESIDENT (VECTORS > 0) /* the planes are in registers while the kernel runs */
#define ALONE    (LANES == 1 && ITEMS == 1)
#include "activation.h"
#include "arguments.h"
#include "network.h"
#include "order.h"
#include "permutation.h"
#include "progress.h"
#include "schedule.h"
#include "selftest.h"
#include "separate.h"
#include "team_sum.h"

#if LANES == 16
typedef int16 flags; /* per lane 0 or -1, as comparisons give them */
#define ANY(flags)        any(flags)
#define TO_REAL(counts)   convert_float16(counts)
#define TO_FLAGS(counts)  convert_int16(counts)
#define LANE_NUMBERS      ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#define FIRST_LANE(value) ((value).s0)
#else
typedef int flags;
#define ANY(flags)        ((flags) != 0)
#define TO_REAL(counts)   convert_float(counts)
#define TO_FLAGS(counts)  ((counts) ? -1 : 0)
#define LANE_NUMBERS      0
#define FIRST_LANE(value) (value)
#endif

/* A value for each network, in all lanes that belong to it; and the way back. */
#define EACH_NETWORK(l) for (uint l = 0; l < NETWORKS; l++)
#if PACKED
#define LOAD_NETWORKS(type, array) vload16(0, array)
#define STORE_NETWORKS(value, array) vstore16(value, 0, array)
#define SCALAR real /* of B2 */
#define NEURONS 1   /* from one vector to the next */
#else
#define LOAD_NETWORKS(type, array) ((type)((array)[0]))
#define STORE_NETWORKS(value, array) ((array)[0] = FIRST_LANE(value))
#define SCALAR float
#define NEURONS (LANES * ITEMS)
#endif
#if TEAM
#define ITEM          get_local_id(0)
#define IS_FIRST_ITEM (get_local_id(0) == 0)
#else
#define ITEM          0
#define IS_FIRST_ITEM true
#endif
#define UNIT (unit->number)

/* Vectors that are taken through the stages of the activation together. A network's vectors are padded to this. */
#if PACKED
#define BLOCK 4
#elif RESIDENT
#define BLOCK VECTORS
#elif ITEMS == 1
#define BLOCK 2
#else
#define BLOCK 1
#endif
#define EACH_OF_BLOCK(i) EACH(i, BLOCK)

/* The planes of this unit, from its vector 0 (of this work-item) on. */
#define POINT_TO_PLANES(set) global real *restrict w1_##set, *restrict b1_##set, *restrict w2_##set;
#if RESIDENT
#define DECLARE_PLANES(set) real w1_##set[VECTORS], b1_##set[VECTORS], w2_##set[VECTORS];
#define SCRATCH             real active[VECTORS]
#else
#define DECLARE_PLANES(set) POINT_TO_PLANES(set)
#define SCRATCH             global real *restrict active
#endif
struct planes {
  RULE_SETS(DECLARE_PLANES)
  DECLARE_PLANES(gradient) /* of the batch so far, a sum; +0 between batches */
  POINT_TO_PLANES(kept)    /* parameters of the best epoch; of the last one when the training has ended; seldom used */
  SCRATCH;                 /* activations at the last sample */
};

/* Index of vector v in the planes in global memory, and in all but `kept`. VECTORS_OF: the number of vectors to go
 * through; those beyond a network's own are padding. USE_PLANES defines `planes`, a pointer to a unit's. */
#define STORED(v) ((v) * ITEMS)
#if RESIDENT
#define VECTOR(v)        (v)
#define VECTORS_OF(unit) VECTORS
#define EACH_VECTOR(v)   EACH(v, VECTORS)
#define USE_PLANES       struct planes *const planes = &unit->planes;
#else
#define VECTOR(v)        STORED(v)
#define VECTORS_OF(unit) ((unit)->vectors)
#define EACH_VECTOR(v)   for (uint v = 0; v < unit->vectors; v++)
#define USE_PLANES       const struct planes found = unit->planes, *const planes = &found;
#endif

struct unit {
  uint number;
  struct planes planes;
  uint vectors;  /* of the largest network */
  flags neurons; /* neurons of the network minus the number of the lane's neuron in vector 0 */
  flags training;
  bool any_training, all_training;
  bool single; /* every network in training has batches of one sample and no clip: gradients need not be stored */
  struct numbers numbers;
  struct parameter b2;
  real b2_gradient, b2_kept;
  real bias1, bias2; /* of batch_progress */
  bits batch, samples, first;

  /* Valid in the current segment: */
  bits position; /* samples trained of the epoch */
  bits taken;    /* samples of the batch so far */
  real block_loss;
  flags counted; /* samples trained; it stops counting at the first error that is not finite */
  flags shuffled;
  struct permutation order;
  bool same;     /* all networks in training take the same samples, from `common` on */
  uint common;

  struct network_task task[NETWORKS];
  struct network_progress at[NETWORKS];
  uint first_epoch[NETWORKS]; /* at the launch's start */
  local float *buffer;        /* of team */
  uint turn;
};

/* ---- sums over neurons --------------------------------------------------------------------------------------- */

/* Partial sums of a network in the strict order: neuron j is added to partial sum j mod 32. In packed partial sum i is
 * sums[i], in wide lane i mod 16 of sums[i / 16], in team sums[0] of work-item i. */
#if PACKED || ALONE
#define SUMS CLFIT_PARTIAL_SUMS
#elif LANES == 16
#define SUMS 2
#else
#define SUMS 1
#endif

/* The partial sums that a unit of that many vectors uses, rounded up to a power of two that is at least BLOCK. */
INLINE uint sums_used(uint vectors)
{
  uint used = BLOCK < SUMS ? BLOCK : SUMS;
  while (used < vectors && used < SUMS) used *= 2;
  return used;
}

/* Adds the partial sums as a tree. */
#if PACKED || ALONE
/* With fewer than 32 neurons the others are +0; adding one +0 makes a sum of -0 the same +0. */
INLINE real add_sums(struct unit *unit, real *sums)
{
  const uint used = sums_used(VECTORS_OF(unit));
  for (uint stride = used / 2; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sums[i] += sums[i + stride];
  return used < CLFIT_PARTIAL_SUMS ? sums[0] + 0.0f : sums[0];
}
#elif ITEMS == 1
INLINE real add_sums(struct unit *unit, const real *sums)
{
  const float16 s16 = sums[0] + sums[1];
  const float8 s8 = s16.lo + s16.hi;
  const float4 s4 = s8.lo + s8.hi;
  const float2 s2 = s4.lo + s4.hi;
  return (real)(s2.x + s2.y);
}
#else
INLINE real add_sums(struct unit *unit, const real *sums)
{
  return add_partial_sums(unit->buffer, unit->turn++, sums[0]);
}
#endif

/* Index of partial sum of vector v + i, v a multiple of BLOCK. */
#define SUM_OF(v, i) (SUMS > BLOCK ? (v) % SUMS + (i) : (i) % SUMS)

INLINE void clear_sums(const struct unit *unit, real *sums)
{
  const uint used = sums_used(VECTORS_OF(unit));
  for (uint i = 0; i < used; i++) sums[i] = (real)(0.0f);
}

/* ---- a sample ------------------------------------------------------------------------------------------------ */

/* The prediction at x; the activations go to planes->active. The activation of a padded neuron is -0: fma(+0, -0, sum)
 * is sum even if sum is -0, and its gradient is zero. */
INLINE real predict(struct unit *unit, real x)
{
  USE_PLANES
  real sums[SUMS];
  clear_sums(unit, sums);
  for (uint v = 0; v < VECTORS_OF(unit); v += BLOCK) {
    struct intermediate at[BLOCK];
    EACH_OF_BLOCK(i) at[i].z = FMA(planes->w1_value[VECTOR(v + i)], x, planes->b1_value[VECTOR(v + i)]);
#define STAGE(next) EACH_OF_BLOCK(i) at[i] = next(at[i]);
    STAGES(STAGE)
    EACH_OF_BLOCK(i)
    {
      const real a = unit->neurons > (flags)((int)((v + i) * NEURONS)) ? at[i].value : (real)(-0.0f);
      planes->active[VECTOR(v + i)] = a;
      sums[SUM_OF(v, i)] = FMA(planes->w2_value[VECTOR(v + i)], a, sums[SUM_OF(v, i)]);
    }
  }
  return add_sums(unit, sums) + unit->b2.value;
}

/* Values of the samples with these indices. */
INLINE real load_samples(global const float *all, bits index)
{
#if PACKED
  uint indices[NETWORKS];
  float values[NETWORKS];
  STORE_NETWORKS(index, indices);
  EACH_NETWORK(l) values[l] = all[indices[l]];
  return LOAD_NETWORKS(real, values);
#else
  return (real)(all[FIRST_LANE(index)]);
#endif
}

/* Indices of the samples at a position of the epoch. */
INLINE bits find_samples(const struct unit *unit, bits position)
{
  bits sample = position;
  if (ANY(unit->shuffled)) sample = unit->shuffled ? permute(unit->order, position) : position;
  return unit->first + sample;
}

/* ---- steps --------------------------------------------------------------------------------------------------- */

/* masked: only the lanes of `condition` take a step; else all lanes do. Not needed for one network, all of whose lanes
 * take a step, or none. */
#define CHOOSE(masked, condition, one, other) (masked ? ((condition) ? (one) : (other)) : (one))
#define MASKED                                PACKED

/* What the loops over vectors below have at vector v: parameters before the step, activation, and g, the derivative of
 * z by B1. */
#define LOAD_SET(set)                                                                                                  \
  w1.set = planes->w1_##set[VECTOR(v)];                                                                                \
  b1.set = planes->b1_##set[VECTOR(v)];                                                                                \
  w2.set = planes->w2_##set[VECTOR(v)];
#define STORE_CHANGED(set)                                                                                             \
  planes->w1_##set[VECTOR(v)] = CHOOSE(masked, changes, new_w1.set, w1.set);                                           \
  planes->b1_##set[VECTOR(v)] = CHOOSE(masked, changes, new_b1.set, b1.set);                                           \
  planes->w2_##set[VECTOR(v)] = CHOOSE(masked, changes, new_w2.set, w2.set);
#define CHANGE_B2(set) unit->b2.set = changes ? new_b2.set : unit->b2.set;

/* Counts a step of adam in the lanes that take it, and prepares what depends on its number. */
INLINE void begin_update(struct unit *unit, flags changes)
{
#if CORRECTS
  struct numbers *by = &unit->numbers;
  unit->bias1 = changes ? FMA(by->beta1, unit->bias1, by->rest1) : unit->bias1;
  unit->bias2 = changes ? FMA(by->beta2, unit->bias2, by->rest2) : unit->bias2;
  /* lanes that take no step may have no bias yet */
  const real bias1 = changes ? unit->bias1 : (real)(1.0f), bias2 = changes ? unit->bias2 : (real)(1.0f);
  by->step = by->rate * reciprocal(bias1);
  by->root_of_rest2t = reciprocal(square_root(bias2));
#endif
}

/* A step with a batch of one sample. */
INLINE void update_single(struct unit *unit, real x, real e, bool masked)
{
  USE_PLANES
  const struct numbers by = unit->numbers;
  const flags changes = unit->training;
#if PLAIN
  const real scale = by.rate * e, scale_x = scale * x;
#else
  const real e_x = e * x;
#endif
  EACH_VECTOR(v)
  {
    struct parameter w1, b1, w2;
    RULE_SETS(LOAD_SET)
    const real a = planes->active[VECTOR(v)];
    const real g = SLOPE(a, FMA(w1.value, x, b1.value)) * w2.value;
#if PLAIN
    struct parameter new_w1, new_b1, new_w2;
    new_w2.value = FMA(-scale, a, w2.value);
    new_b1.value = FMA(-scale, g, b1.value);
    new_w1.value = FMA(-scale_x, g, w1.value);
#else
    const struct parameter new_w2 = TAKE_RULE(w2, by, FMA(e, a, 0.0f));
    const struct parameter new_b1 = TAKE_RULE(b1, by, FMA(e, g, 0.0f));
    const struct parameter new_w1 = TAKE_RULE(w1, by, FMA(e_x, g, 0.0f));
#endif
    RULE_SETS(STORE_CHANGED)
  }
#if PLAIN
  struct parameter new_b2;
  new_b2.value = FMA(-by.rate, e, unit->b2.value);
#else
  const struct parameter new_b2 = TAKE_RULE(unit->b2, by, e + 0.0f);
#endif
  RULE_SETS(CHANGE_B2)
}

/* Adds the gradient of a sample to that of the batch. */
INLINE void add_gradient(struct unit *unit, real x, real e)
{
  USE_PLANES
  const flags changes = unit->training;
  const real e_x = e * x;
  EACH_VECTOR(v)
  {
    const real a = planes->active[VECTOR(v)];
    const real z = FMA(planes->w1_value[VECTOR(v)], x, planes->b1_value[VECTOR(v)]);
    const real g = SLOPE(a, z) * planes->w2_value[VECTOR(v)];
    const real w1 = planes->w1_gradient[VECTOR(v)], b1 = planes->b1_gradient[VECTOR(v)];
    const real w2 = planes->w2_gradient[VECTOR(v)];
    planes->w1_gradient[VECTOR(v)] = CHOOSE(MASKED, changes, FMA(e_x, g, w1), w1);
    planes->b1_gradient[VECTOR(v)] = CHOOSE(MASKED, changes, FMA(e, g, b1), b1);
    planes->w2_gradient[VECTOR(v)] = CHOOSE(MASKED, changes, FMA(e, a, w2), w2);
  }
  unit->b2_gradient = changes ? unit->b2_gradient + e : unit->b2_gradient;
}

/* Factor of a mean gradient that makes its norm at most clip; 1 without a clip. */
INLINE real clip_factor(struct unit *unit, real share)
{
  USE_PLANES
  real sums[SUMS];
  clear_sums(unit, sums);
  for (uint v = 0; v < VECTORS_OF(unit); v += BLOCK)
    EACH_OF_BLOCK(i)
    {
      const real w1 = planes->w1_gradient[VECTOR(v + i)] * share, b1 = planes->b1_gradient[VECTOR(v + i)] * share;
      const real w2 = planes->w2_gradient[VECTOR(v + i)] * share, sum = sums[SUM_OF(v, i)];
      /* an infinite e * x makes NaNs of padded gradients */
      const flags there = unit->neurons > (flags)((int)((v + i) * NEURONS));
      sums[SUM_OF(v, i)] = there ? FMA(w2, w2, FMA(b1, b1, FMA(w1, w1, sum))) : sum;
    }
  const real b2 = unit->b2_gradient * share, clip = unit->numbers.clip;
  const real norm = square_root(FMA(b2, b2, add_sums(unit, sums)));
  return ((clip > 0.0f) & (norm > clip)) ? clip * reciprocal(denominator(norm)) : (real)(1.0f);
}

/* The step at the end of a batch, in the lanes of `changes`. */
INLINE void update_batch(struct unit *unit, flags changes)
{
#if !PLAIN
  USE_PLANES
  const bool masked = MASKED;
  /* a lane in the middle of its batch has samples, too: no division by zero */
  const bits size = unit->taken > 0 ? unit->taken : 1;
  const real share = reciprocal(TO_REAL(size));
  const real factor = ANY(unit->numbers.clip > 0.0f) ? clip_factor(unit, share) : (real)(1.0f);
  begin_update(unit, changes);
  const struct numbers by = unit->numbers;
#define MEAN(gradient) ((gradient)*share * factor)
  EACH_VECTOR(v)
  {
    struct parameter w1, b1, w2;
    RULE_SETS(LOAD_SET)
    const real of_w1 = planes->w1_gradient[VECTOR(v)], of_b1 = planes->b1_gradient[VECTOR(v)];
    const real of_w2 = planes->w2_gradient[VECTOR(v)];
    const struct parameter new_w1 = TAKE_RULE(w1, by, MEAN(of_w1));
    const struct parameter new_b1 = TAKE_RULE(b1, by, MEAN(of_b1));
    const struct parameter new_w2 = TAKE_RULE(w2, by, MEAN(of_w2));
    RULE_SETS(STORE_CHANGED)
    planes->w1_gradient[VECTOR(v)] = CHOOSE(masked, changes, (real)(0.0f), of_w1);
    planes->b1_gradient[VECTOR(v)] = CHOOSE(masked, changes, (real)(0.0f), of_b1);
    planes->w2_gradient[VECTOR(v)] = CHOOSE(masked, changes, (real)(0.0f), of_w2);
  }
  const struct parameter new_b2 = TAKE_RULE(unit->b2, by, MEAN(unit->b2_gradient));
  RULE_SETS(CHANGE_B2)
  unit->b2_gradient = changes ? (real)(0.0f) : unit->b2_gradient;
#endif
}

/* One step, the n-th of the segment. A lane whose network diverges goes on computing; only its counters stop. */
INLINE void step(struct unit *unit, global const float *x_all, global const float *y_all, uint n)
{
  const bits index = unit->same ? (bits)(unit->common + n) : find_samples(unit, unit->position);
  const real x = unit->same ? (real)(x_all[unit->common + n]) : load_samples(x_all, index);
  const real y = unit->same ? (real)(y_all[unit->common + n]) : load_samples(y_all, index);
  const real e = predict(unit, x) - y;
  const flags finite = (unit->counted == (flags)((int)n)) & (fabs(e) <= (real)(FLT_MAX));
  /* not counted + 1: Oclgrind 21.10 adds 255, because it extends conditions on vectors by their sign */
  unit->counted = finite ? (flags)((int)n + 1) : unit->counted;
  unit->block_loss = finite ? FMA(e, e, unit->block_loss) : unit->block_loss;
  unit->position = unit->training ? unit->position + 1 : unit->position;
  if (unit->single) {
    begin_update(unit, unit->training);
    if (MASKED && !unit->all_training)
      update_single(unit, x, e, true);
    else
      update_single(unit, x, e, false);
    return;
  }
  add_gradient(unit, x, e);
  unit->taken = unit->training ? unit->taken + 1 : unit->taken;
  const flags ends = unit->training & ((unit->taken == unit->batch) | (unit->position == unit->samples));
  if (!ANY(ends)) return;
  update_batch(unit, ends);
  unit->taken = ends ? (bits)(0) : unit->taken;
}

/* ---- the end of an epoch ------------------------------------------------------------------------------------- */

/* Sums of squared errors over `counts` samples from first on, in the lanes of `wanted`, as an epoch adds them up. */
struct pairs {
  real high, low;
};

INLINE struct pairs sum_squares(struct unit *unit, global const float *x_all, global const float *y_all, bits first,
                                bits counts, flags wanted)
{
  uint count_of[NETWORKS], most = 0;
  real block = (real)(0.0f);
  struct pairs sums = {(real)(0.0f), (real)(0.0f)};
  const bits count = wanted ? counts : (bits)(0);
  const bits begin = wanted ? first : unit->first; /* lanes without samples held out read their first sample */
  STORE_NETWORKS(count, count_of);
  EACH_NETWORK(l) most = max(most, count_of[l]);
  for (uint n = 0; n < most; n++) {
    const flags there = count > (bits)(n);
    const bits index = begin + (there ? (bits)(n) : (bits)(0));
    const real difference = predict(unit, load_samples(x_all, index)) - load_samples(y_all, index);
    /* with infinite weights padding may make a NaN of an infinity; both are infinite errors here */
    const real e = fabs(difference) <= (real)(FLT_MAX) ? difference : (real)(INFINITY);
    const flags last = count == (bits)(n + 1); /* which is there */
    const flags ends = (n + 1) % CLFIT_LOSS_BLOCK == 0 ? there : last;
    block = there ? FMA(e, e, block) : block;
    if (!ANY(ends)) continue;
    const real sum = sums.high + block, back = sum - sums.high;
    const real error = (sums.high - (sum - back)) + (block - back);
    sums.low = ends ? sums.low + error : sums.low;
    sums.high = ends ? sum : sums.high;
    block = ends ? (real)(0.0f) : block;
  }
  return sums;
}

/* kept = value, in the lanes of `copied`. */
INLINE void keep_parameters(struct unit *unit, flags copied)
{
  USE_PLANES
  EACH_VECTOR(v)
  {
    planes->w1_kept[STORED(v)] = copied ? planes->w1_value[VECTOR(v)] : planes->w1_kept[STORED(v)];
    planes->b1_kept[STORED(v)] = copied ? planes->b1_value[VECTOR(v)] : planes->b1_kept[STORED(v)];
    planes->w2_kept[STORED(v)] = copied ? planes->w2_value[VECTOR(v)] : planes->w2_kept[STORED(v)];
  }
  unit->b2_kept = copied ? unit->b2.value : unit->b2_kept;
}

#define SWAP(plane)                                                                                                    \
  {                                                                                                                    \
    const real value = planes->plane##_value[VECTOR(v)], kept = planes->plane##_kept[STORED(v)];                       \
    planes->plane##_value[VECTOR(v)] = changes ? kept : value;                                                         \
    planes->plane##_kept[STORED(v)] = changes ? value : kept;                                                          \
  }

/* Exchanges value and kept, in the lanes of `changes`. */
INLINE void restore_parameters(struct unit *unit, flags changes)
{
  USE_PLANES
  const real value = unit->b2.value, kept = unit->b2_kept;
  EACH_VECTOR(v)
  {
    SWAP(w1)
    SWAP(b1)
    SWAP(w2)
  }
  unit->b2.value = changes ? kept : value;
  unit->b2_kept = changes ? value : kept;
}

/* The sums that an end of an epoch needs: which networks end one, and which of them want the samples again. */
struct epoch_ends {
  flags ends, all, held;
  bool any;
};

INLINE struct epoch_ends find_epoch_ends(const struct unit *unit)
{
  int ends[NETWORKS], all[NETWORKS], held[NETWORKS];
  struct epoch_ends found;
  EACH_NETWORK(l)
  {
    const struct batch_task *task = &unit->task[l].batches;
    ends[l] = unit->at[l].status == CLFIT_TRAINING && unit->at[l].sample == unit->task[l].samples ? -1 : 0;
    all[l] = ends[l] && ((task->stop_loss > 0.0f && task->stop_on == CLFIT_FIGURE_ALL) ||
                         (task->patience && task->patience_on == CLFIT_FIGURE_ALL))
                 ? -1
                 : 0;
    held[l] = ends[l] && task->held ? -1 : 0;
  }
  found.ends = LOAD_NETWORKS(flags, ends);
  found.all = LOAD_NETWORKS(flags, all);
  found.held = LOAD_NETWORKS(flags, held);
  found.any = ANY(found.ends);
  return found;
}

/* Stores the losses of an epoch: [slots][2][capacity] pairs, of the samples trained on and of those held out. */
INLINE void store_losses(global float *losses, uint losses_kept, uint slot, uint first_epoch,
                         struct network_progress at)
{
  const uint index = loss_index(losses_kept, first_epoch, at.epoch), capacity = loss_capacity(losses_kept);
  if (index >= capacity || !IS_FIRST_ITEM) return;
  global float *pair = losses + 4 * (size_t)slot * capacity + 2 * index;
  pair[0] = at.last_loss_high;
  pair[1] = at.last_loss_low;
  pair[2 * capacity] = at.batches.held_high;
  pair[2 * capacity + 1] = at.batches.held_low;
}

/* Ends the epochs that are complete: losses, best parameters, status. */
INLINE void end_epochs(struct unit *unit, global const float *x_all, global const float *y_all, global float *losses,
                       uint losses_kept)
{
  const struct epoch_ends found = find_epoch_ends(unit);
  uint held_of[NETWORKS];
  float high[NETWORKS], low[NETWORKS];
  int wanted[NETWORKS], better[NETWORKS], ended[NETWORKS];
  if (!found.any) return;
  EACH_NETWORK(l) held_of[l] = unit->task[l].batches.held;
  const bits held = LOAD_NETWORKS(bits, held_of);
  /* Sums over the samples trained on, then over those held out, which come after them; in one loop, so that the program
   * has the code of sum_squares once. */
  NOT_UNROLLED for (uint of_held = 0; of_held < 2; of_held++) {
    const flags networks = of_held ? found.held : found.all;
    const bits first = of_held ? unit->first + unit->samples : unit->first;
    if (!ANY(networks)) continue;
    const struct pairs sums = sum_squares(unit, x_all, y_all, first, of_held ? held : unit->samples, networks);
    STORE_NETWORKS(sums.high, high);
    STORE_NETWORKS(sums.low, low);
    STORE_NETWORKS(networks, wanted);
    /* Values are selected, not pointers: compilers keep variables in memory that are reached through a selected one. */
    EACH_NETWORK(l)
    {
      struct batch_progress *at = &unit->at[l].batches;
      const bool all = wanted[l] && !of_held, held_out = wanted[l] && of_held;
      at->all_high = all ? high[l] : at->all_high;
      at->all_low = all ? low[l] : at->all_low;
      at->held_high = held_out ? high[l] : at->held_high;
      at->held_low = held_out ? low[l] : at->held_low;
    }
  }
  STORE_NETWORKS(found.ends, ended);
  EACH_NETWORK(l)
  {
    better[l] = 0;
    if (!ended[l]) continue;
    const struct epoch_end end = end_batch_epoch(unit->task[l], unit->at[l]);
    unit->at[l] = end.at;
    better[l] = end.better ? -1 : 0;
    ended[l] = end.at.status != CLFIT_TRAINING && end.at.batches.best_epoch > 0 ? -1 : 0;
    store_losses(losses, losses_kept, UNIT * NETWORKS + l, unit->first_epoch[l], end.at);
  }
  const flags copied = LOAD_NETWORKS(flags, better), exchanged = LOAD_NETWORKS(flags, ended);
  if (ANY(copied)) keep_parameters(unit, copied);
  if (ANY(exchanged)) restore_parameters(unit, exchanged);
}

/* ---- segments ------------------------------------------------------------------------------------------------ */

INLINE void find_training(struct unit *unit)
{
  int training[NETWORKS];
  unit->single = true;
  unit->all_training = true;
  unit->any_training = false;
  EACH_NETWORK(l)
  {
    const struct batch_task *task = &unit->task[l].batches;
    training[l] = unit->at[l].status == CLFIT_TRAINING ? -1 : 0;
    if (training[l] && (task->batch > 1 || task->clip > 0.0f)) unit->single = false;
    unit->all_training = unit->all_training && training[l];
    unit->any_training = unit->any_training || training[l];
  }
  unit->training = LOAD_NETWORKS(flags, training);
}

INLINE real real_of(const float *values)
{
  return LOAD_NETWORKS(real, values);
}

INLINE bits bits_of(const uint *values)
{
  return LOAD_NETWORKS(bits, values);
}

#define COLLECT_NUMBER(name)                                                                                           \
  EACH_NETWORK(l) values[l] = unit->task[l].batches.name;                                                              \
  unit->numbers.name = real_of(values);

INLINE void collect_numbers(struct unit *unit)
{
  float values[NETWORKS];
  CLFIT_RULE_NUMBERS(COLLECT_NUMBER)
  unit->numbers.rest1 = 1.0f - unit->numbers.beta1;
  unit->numbers.rest2 = 1.0f - unit->numbers.beta2;
  unit->numbers.root_of_rest2t = (real)(1.0f);
}

/* The rate of this epoch, and what follows from it. */
INLINE void set_rates(struct unit *unit)
{
  float rates[NETWORKS], products[NETWORKS];
  uint kinds[NETWORKS], epochs[NETWORKS], totals[NETWORKS], spans[NETWORKS];
  EACH_NETWORK(l)
  {
    const struct batch_task *task = &unit->task[l].batches;
    rates[l] = unit->task[l].rate;
    kinds[l] = task->schedule;
    products[l] = unit->at[l].epoch > 0 ? unit->at[l].batches.factor : 1.0f;
    epochs[l] = unit->at[l].epoch;
    totals[l] = max(unit->task[l].epochs, 1u);
    spans[l] = task->schedule_epochs > 0 ? task->schedule_epochs : 1;
  }
  unit->numbers.rate = real_of(rates) * schedule_factor(bits_of(kinds), TO_REAL(bits_of(epochs)),
                                                        TO_REAL(bits_of(totals)), TO_REAL(bits_of(spans)),
                                                        real_of(products));
  unit->numbers.step = unit->numbers.rate;
  unit->numbers.keep = FMA(-unit->numbers.rate, unit->numbers.weight_decay, 1.0f);
}

INLINE void set_orders(struct unit *unit)
{
  uint keys[PERMUTATION_KEYS][NETWORKS], widths[NETWORKS];
  int shuffled[NETWORKS];
  EACH_NETWORK(l) shuffled[l] = unit->task[l].batches.shuffle != CLFIT_SHUFFLE_NONE ? -1 : 0;
  unit->shuffled = LOAD_NETWORKS(flags, shuffled);
  if (!ANY(unit->shuffled)) return;
  EACH_NETWORK(l)
  {
    const bool once = unit->task[l].batches.shuffle == CLFIT_SHUFFLE_ONCE;
    const struct philox words =
        permutation_keys(unit->task[l].batches.seed, once ? CLFIT_PERMUTATION_ONCE : unit->at[l].epoch);
    keys[0][l] = words.word0;
    keys[1][l] = words.word1;
    keys[2][l] = words.word2;
    keys[3][l] = words.word3;
    widths[l] = permutation_width(unit->task[l].samples);
  }
  for (uint i = 0; i < PERMUTATION_KEYS; i++) unit->order.keys[i] = bits_of(keys[i]);
  unit->order.width = bits_of(widths);
  unit->order.count = unit->samples;
}

/* Prepares a segment: the steps to the first boundary of any network. Returns their number, at most `steps`. */
INLINE uint begin_segment(struct unit *unit, uint steps)
{
  float block_losses[NETWORKS];
  uint positions[NETWORKS], taken[NETWORKS];
  bool found = false;
  unit->same = true;
  EACH_NETWORK(l)
  {
    const struct network_task *task = &unit->task[l];
    const bool training = unit->at[l].status == CLFIT_TRAINING;
    /* a network that has ended reads the first sample repeatedly, and its results are not used */
    positions[l] = training ? unit->at[l].sample : 0;
    taken[l] = positions[l] % task->batches.batch;
    block_losses[l] = unit->at[l].block_loss;
    if (!training) continue;
    steps = min(steps, steps_to_boundary(*task, unit->at[l], steps));
    unit->same = unit->same && task->batches.shuffle == CLFIT_SHUFFLE_NONE &&
                 (!found || unit->common == task->first + positions[l]);
    unit->common = task->first + positions[l];
    found = true;
  }
  unit->position = bits_of(positions);
  unit->taken = bits_of(taken);
  unit->block_loss = real_of(block_losses);
  unit->counted = (flags)(0);
  set_rates(unit);
  set_orders(unit);
  return steps;
}

INLINE void end_segment(struct unit *unit, uint segment)
{
  int counted[NETWORKS];
  float block_losses[NETWORKS], bias1[NETWORKS], bias2[NETWORKS];
  STORE_NETWORKS(unit->counted, counted);
  STORE_NETWORKS(unit->block_loss, block_losses);
  STORE_NETWORKS(unit->bias1, bias1);
  STORE_NETWORKS(unit->bias2, bias2);
  EACH_NETWORK(l)
  {
    struct network_progress *at = &unit->at[l];
    if (at->status != CLFIT_TRAINING) continue;
    at->block_loss = block_losses[l];
    at->batches.bias1 = bias1[l];
    at->batches.bias2 = bias2[l];
    at->sample += min((uint)counted[l], segment);
    if ((uint)counted[l] < segment)
      at->status = CLFIT_DIVERGED;
    else if (at->sample % CLFIT_LOSS_BLOCK == 0 || at->sample == unit->task[l].samples)
      *at = end_block(*at);
  }
}

/* ---- the kernel ---------------------------------------------------------------------------------------------- */

INLINE void load_unit(struct unit *unit, global const struct network_task *tasks,
                      global const struct network_progress *progress)
{
  int hiddens[NETWORKS];
  uint batches[NETWORKS], samples[NETWORKS], firsts[NETWORKS], most = 0;
  float bias1[NETWORKS], bias2[NETWORKS];
  EACH_NETWORK(l)
  {
    unit->task[l] = tasks[UNIT * NETWORKS + l];
    unit->at[l] = progress[UNIT * NETWORKS + l];
    unit->first_epoch[l] = unit->at[l].epoch;
    if (unit->task[l].samples == 0) unit->task[l].samples = unit->task[l].batches.batch = 1; /* no network is here */
    hiddens[l] = (int)unit->task[l].hidden;
    batches[l] = unit->task[l].batches.batch;
    samples[l] = unit->task[l].samples;
    firsts[l] = unit->task[l].first;
    bias1[l] = unit->at[l].batches.bias1;
    bias2[l] = unit->at[l].batches.bias2;
    if (unit->at[l].status == CLFIT_TRAINING) most = max(most, unit->task[l].hidden);
  }
  unit->vectors = (most + NEURONS - 1) / NEURONS;
  unit->neurons = LOAD_NETWORKS(flags, hiddens);
#if !PACKED
  unit->neurons -= (flags)((int)(ITEM * LANES)) + LANE_NUMBERS;
#endif
  unit->batch = bits_of(batches);
  unit->samples = bits_of(samples);
  unit->first = bits_of(firsts);
  unit->bias1 = real_of(bias1);
  unit->bias2 = real_of(bias2);
  collect_numbers(unit);
}

#define PLANES_OF(set, RESTRICT)                                                                                       \
  , global real *RESTRICT w1_##set, global real *RESTRICT b1_##set, global real *RESTRICT w2_##set,                    \
      global SCALAR *RESTRICT b2_##set
#define PLANES_ARGUMENT(set)  PLANES_OF(set, restrict)
#define PLANES_PARAMETER(set) PLANES_OF(set, SEPARATED_RESTRICT)
#define PLANES_VALUE(set) , w1_##set, b1_##set, w2_##set, b2_##set
#define FIND_PLANES(set)                                                                                               \
  unit.planes.w1_##set = w1_##set + begin;                                                                             \
  unit.planes.b1_##set = b1_##set + begin;                                                                             \
  unit.planes.w2_##set = w2_##set + begin;
#if RESIDENT
#define LOAD_PLANES(set)                                                                                               \
  EACH_VECTOR(v)                                                                                                       \
  {                                                                                                                    \
    unit.planes.w1_##set[v] = w1_##set[begin + STORED(v)];                                                             \
    unit.planes.b1_##set[v] = b1_##set[begin + STORED(v)];                                                             \
    unit.planes.w2_##set[v] = w2_##set[begin + STORED(v)];                                                             \
  }
#define STORE_PLANES(set)                                                                                              \
  EACH_VECTOR(v)                                                                                                       \
  {                                                                                                                    \
    w1_##set[begin + STORED(v)] = unit.planes.w1_##set[v];                                                             \
    b1_##set[begin + STORED(v)] = unit.planes.b1_##set[v];                                                             \
    w2_##set[begin + STORED(v)] = unit.planes.w2_##set[v];                                                             \
  }
#else
#define LOAD_PLANES(set) FIND_PLANES(set)
#define STORE_PLANES(set)
#endif
#define LOAD_B2(set) unit.b2.set = (real)(b2_##set[number]);
#if PACKED
#define B2_OF(value) (value)
#else
#define B2_OF(value) FIRST_LANE(value)
#endif
#define STORE_B2(set) b2_##set[number] = B2_OF(unit.b2.set);

/* The arguments of the other training kernels; after the sets of the rule those of the gradient and of the kept
 * parameters, then [units][stride] activations. */
#define BATCH_ARGUMENTS(PLANES, RESTRICT)                                                                              \
  CLFIT_TRAIN_ARGUMENTS(FIRST_ARGUMENT, NEXT_ARGUMENT, RESTRICT)                                                       \
  RULE_SETS(PLANES) PLANES(gradient) PLANES(kept), global real *RESTRICT active
#define BATCH_VALUES                                                                                                   \
  CLFIT_TRAIN_ARGUMENTS(FIRST_VALUE, NEXT_VALUE, )                                                                     \
  RULE_SETS(PLANES_VALUE) PLANES_VALUE(gradient) PLANES_VALUE(kept), active

/* Trains unit `number`; buffer: of its team. */
SEPARATED train_unit(uint number, local float *buffer, BATCH_ARGUMENTS(PLANES_PARAMETER, SEPARATED_RESTRICT))
{
  STAYS_SEPARATE
  struct unit unit;
  unit.number = number;
#if TEAM
  unit.buffer = buffer;
  unit.turn = 0;
#endif
  if (number >= units) return;
  const size_t begin = (size_t)number * (PACKED ? stride : stride / LANES) + ITEM;
  load_unit(&unit, tasks, progress);
  find_training(&unit);
  if (!unit.any_training) return;
  RULE_SETS(LOAD_PLANES)
  LOAD_PLANES(gradient)
  FIND_PLANES(kept)
#if !RESIDENT
  unit.planes.active = active + begin;
#endif
  RULE_SETS(LOAD_B2)
  unit.b2_gradient = (real)(b2_gradient[number]);
  unit.b2_kept = (real)(b2_kept[number]);

  while (steps && unit.any_training) {
    const uint segment = begin_segment(&unit, steps);
    for (uint n = 0; n < segment; n++) step(&unit, x_all, y_all, n);
    steps -= segment;
    end_segment(&unit, segment);
    end_epochs(&unit, x_all, y_all, losses, losses_kept);
    find_training(&unit);
  }

  RULE_SETS(STORE_PLANES)
  STORE_PLANES(gradient)
#if TEAM
  barrier(CLK_GLOBAL_MEM_FENCE); /* all work-items have read b2 and progress before the first one overwrites them */
#endif
  if (IS_FIRST_ITEM) {
    RULE_SETS(STORE_B2)
    b2_gradient[number] = B2_OF(unit.b2_gradient);
    b2_kept[number] = B2_OF(unit.b2_kept);
    EACH_NETWORK(l) progress[number * NETWORKS + l] = unit.at[l];
  }
}

#if TEAM
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
#endif
kernel void
train(BATCH_ARGUMENTS(PLANES_ARGUMENT, restrict))
{
#if TEAM
  local float buffer[BUFFER_SIZE];
#else
  local float *const buffer = 0;
#endif
  train_unit((uint)(get_global_id(0) / ITEMS), buffer, BATCH_VALUES);
}
