/*
 * Least squares by Levenberg-Marquardt, one network a lane: a work-item trains LANES64 networks with the same number of
 * neurons at once. For CPUs. docs/least-squares.md has the formulas and the order of every sum.
 *
 * `vectors` is [networks][LM_VECTORS] and `normal` [networks][LM_NORMAL] values; levenberg_marquardt.h says what is in
 * them. `scratch` has LM_PACKED_SCRATCH vectors of LANES64 values for each work-item, among them those of the networks
 * in its lanes. No local memory, no barriers.
 *
 * Networks stop after different numbers of iterations. So a lane whose network has stopped, or has had the iterations
 * of this launch, takes the next running network; `next` is the number of those looked at so far by all work-items, 0
 * before a launch. Which networks share a pack depends on time, their values do not: no lane's value enters another's.
 * A lane for which there is no further network computes what is not stored.
 *
 * Global size: any; local size 1.
 */
#ifndef LANES64
#define LANES64 8
#endif
#include "binary64.h"
#include "numerics.h" /* before rule.h, which includes it for the kernels that train through gradients only */
#include "levenberg_marquardt.h"
#include "selftest64.h"
#include "separate.h"

typedef long8 mask64; /* of comparisons: -1 where they hold, else 0 */

#define EACH_LANE(lane) for (uint lane = 0; lane < LANES64; lane++)

/* Element (row, column), column <= row, of the matrix in tiles of two by two. */
static inline uint tile_index(uint row, uint column)
{
  const uint r = row / 2, c = column / 2;
  return 4 * (r * (r + 1) / 2 + c) + 2 * (row % 2) + column % 2;
}

static inline uint row_begin(uint row)
{
  return row * (row + 1) / 2;
}

/* Where a work-item finds the values of the pack that it works on; all arrays are of vectors of lanes. */
struct pack {
  uint hidden, parameters, padded;
  global real64 *value, *base, *diagonal; /* [parameters] */
  global double *scalars;                 /* [LM_SCALARS][LANES64] */
  global real64 *gradient;                /* [padded] */
  global real64 *matrix;                  /* tiles */
  global real64 *trial, *projected;       /* [padded], before and after W2 and B2 are solved for */
  global real64 *step;                    /* [padded] */
  global real64 *trial_gradient, *trial_matrix;
  global real64 *factor;      /* rows of the Cholesky factor, with 1/L[i][i] on the diagonal */
  global real64 *derivatives; /* [padded][LM_PACKED_BLOCK] */
  global real64 *weighted;    /* the same, times the samples' weights; without weights the same memory */
  global real64 *errors;      /* [LM_PACKED_BLOCK] */
  real64 loss;                /* at the trial */
};

static inline struct pack find_pack(uint hidden, bool has_weights, global real64 *scratch)
{
  global real64 *vectors = scratch, *normal = vectors + LM_VECTORS(hidden);
  struct pack at;
  at.hidden = hidden;
  at.parameters = LM_PARAMETERS(hidden);
  at.padded = LM_PADDED(hidden);
  at.value = vectors;
  at.base = vectors + at.parameters;
  at.diagonal = at.base + at.parameters;
  at.scalars = (global double *)(at.diagonal + at.parameters);
  at.gradient = normal;
  at.matrix = normal + at.padded;
  at.trial = normal + LM_NORMAL(hidden);
  at.projected = at.trial + at.padded;
  at.step = at.projected + at.padded;
  at.trial_gradient = at.step + at.padded;
  at.trial_matrix = at.trial_gradient + at.padded;
  at.factor = at.trial_matrix + 4 * LM_TILES(hidden);
  at.derivatives = at.factor + LM_FACTOR(hidden);
  at.weighted = has_weights ? at.derivatives + LM_PACKED_BLOCK * at.padded : at.derivatives;
  at.errors = at.derivatives + 2 * LM_PACKED_BLOCK * at.padded;
  at.loss = (real64)0.0;
  return at;
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

/* The samples of the lanes. A lane without an active network has those of another one. */
struct lane_samples {
  global const float *x, *y, *weights;
  uint first[LANES64], count[LANES64];
  uint most;       /* the largest count */
  bool same;       /* all lanes have the same samples */
  bool has_weights;
};

static inline real64 load_lanes(global const float *all, const uint index[LANES64])
{
  double lanes[LANES64];
  EACH_LANE(lane) lanes[lane] = (double)all[index[lane]];
  return vload8(0, lanes);
}

struct sample {
  real64 x, y, weight;
  mask64 present; /* lanes that have this sample */
};

/* Sample `number` of all lanes, which have the same ones. */
static inline struct sample load_same(const struct lane_samples *samples, uint number)
{
  const uint index = samples->first[0] + number;
  struct sample loaded;
  loaded.x = (real64)((double)samples->x[index]);
  loaded.y = (real64)((double)samples->y[index]);
  loaded.weight = (real64)(samples->has_weights ? (double)samples->weights[index] : 1.0);
  loaded.present = (mask64)(-1);
  return loaded;
}

static inline struct sample load_sample(const struct lane_samples *samples, uint number)
{
  struct sample loaded;
  uint index[LANES64];
  long present[LANES64];
  if (samples->same) return load_same(samples, number);
  EACH_LANE(lane)
  {
    const uint count = samples->count[lane];
    index[lane] = samples->first[lane] + (number < count ? number : count - 1);
    present[lane] = number < count ? -1 : 0;
  }
  loaded.x = load_lanes(samples->x, index);
  loaded.y = load_lanes(samples->y, index);
  loaded.weight = samples->has_weights ? load_lanes(samples->weights, index) : (real64)1.0;
  loaded.present = vload8(0, present);
  return loaded;
}

/* ---- a pass over the samples --------------------------------------------------------------------------------- */

/* Computes the error and the derivatives of one sample, plain and times its weight, and adds to the loss. Those by W1
 * and B1 are without the factor W2 (see solve_output). s: the place of the sample in the block. */
static inline void differentiate(struct pack *at, const struct lane_samples *samples, uint number, uint s)
{
  const struct sample sample = load_sample(samples, number);
  const uint hidden = at->hidden;
  global real64 *d = at->derivatives + s;
  real64 z = at->trial[3 * hidden];
  for (uint j = 0; j < hidden; j++) {
    const real64 argument = FMA64(at->trial[j], sample.x, at->trial[hidden + j]);
    const real64 a = ACTIVATE64(argument);
    const real64 slope = SLOPE64(a, argument);
    z = FMA64(at->trial[2 * hidden + j], a, z);
    d[j * LM_PACKED_BLOCK] = slope * sample.x;
    d[(hidden + j) * LM_PACKED_BLOCK] = slope;
    d[(2 * hidden + j) * LM_PACKED_BLOCK] = a;
  }
  d[3 * hidden * LM_PACKED_BLOCK] = (real64)1.0;
  real64 e = z - sample.y;
  if (!samples->same) {
    e = select((real64)0.0, e, sample.present);
    for (uint i = 0; i < at->parameters; i++)
      d[i * LM_PACKED_BLOCK] = select((real64)0.0, d[i * LM_PACKED_BLOCK], sample.present);
  }
  at->loss = FMA64(sample.weight * e, e, at->loss);
  at->errors[s] = e;
  if (samples->has_weights)
    for (uint i = 0; i < at->parameters; i++)
      at->weighted[i * LM_PACKED_BLOCK + s] = sample.weight * d[i * LM_PACKED_BLOCK];
}

/* Adds a block of samples to two elements of the gradient. */
static inline void add_to_gradient(global real64 *gradient, global const real64 *v, global const real64 *errors)
{
  real64 sum0 = gradient[0], sum1 = gradient[1];
  __attribute__((opencl_unroll_hint(LM_PACKED_BLOCK))) for (uint s = 0; s < LM_PACKED_BLOCK; s++)
  {
    sum0 = FMA64(v[s], errors[s], sum0);
    sum1 = FMA64(v[LM_PACKED_BLOCK + s], errors[s], sum1);
  }
  gradient[0] = sum0;
  gradient[1] = sum1;
}

/* Adds a block of samples to a tile of the matrix. */
static inline void add_to_tile(global real64 *tile, global const real64 *v, global const real64 *d)
{
  real64 sum0 = tile[0], sum1 = tile[1], sum2 = tile[2], sum3 = tile[3];
  __attribute__((opencl_unroll_hint(LM_PACKED_BLOCK))) for (uint s = 0; s < LM_PACKED_BLOCK; s++)
  {
    const real64 v0 = v[s], v1 = v[LM_PACKED_BLOCK + s], d0 = d[s], d1 = d[LM_PACKED_BLOCK + s];
    sum0 = FMA64(v0, d0, sum0);
    sum1 = FMA64(v0, d1, sum1);
    sum2 = FMA64(v1, d0, sum2);
    sum3 = FMA64(v1, d1, sum3);
  }
  tile[0] = sum0;
  tile[1] = sum1;
  tile[2] = sum2;
  tile[3] = sum3;
}

/* The same for a tile and the one below it, half of the lanes at a time: 6 loads for 8 fma instead of 8. */
static inline void add_to_two_tiles(global half64 *upper, global half64 *lower, global const half64 *above,
                                    global const half64 *below, global const half64 *d)
{
  for (uint h = 0; h < 2; h++) {
    half64 u0 = upper[h], u1 = upper[2 + h], u2 = upper[4 + h], u3 = upper[6 + h];
    half64 l0 = lower[h], l1 = lower[2 + h], l2 = lower[4 + h], l3 = lower[6 + h];
    __attribute__((opencl_unroll_hint(LM_PACKED_BLOCK))) for (uint s = 0; s < LM_PACKED_BLOCK; s++)
    {
      const uint one = 2 * s + h, other = one + 2 * LM_PACKED_BLOCK;
      const half64 d0 = d[one], d1 = d[other];
      u0 = FMA_HALF64(above[one], d0, u0);
      u1 = FMA_HALF64(above[one], d1, u1);
      u2 = FMA_HALF64(above[other], d0, u2);
      u3 = FMA_HALF64(above[other], d1, u3);
      l0 = FMA_HALF64(below[one], d0, l0);
      l1 = FMA_HALF64(below[one], d1, l1);
      l2 = FMA_HALF64(below[other], d0, l2);
      l3 = FMA_HALF64(below[other], d1, l3);
    }
    upper[h] = u0;
    upper[2 + h] = u1;
    upper[4 + h] = u2;
    upper[6 + h] = u3;
    lower[h] = l0;
    lower[2 + h] = l1;
    lower[4 + h] = l2;
    lower[6 + h] = l3;
  }
}

/* Adds a block of samples to the row of tiles from `row` on. */
static inline void add_to_row(const struct pack *at, global real64 *tile, uint row)
{
  for (uint column = 0; column <= row; column += 2, tile += 4)
    add_to_tile(tile, at->weighted + row * LM_PACKED_BLOCK, at->derivatives + column * LM_PACKED_BLOCK);
}

/* The same for that row of tiles and the next one, which has one tile more; returns where the row after them begins. */
static inline global real64 *add_to_two_rows(const struct pack *at, global real64 *tile, uint row)
{
  global const real64 *above = at->weighted + row * LM_PACKED_BLOCK, *below = above + 2 * LM_PACKED_BLOCK;
  global real64 *lower = tile + 2 * (row + 2);
  for (uint column = 0; column <= row; column += 2, tile += 4, lower += 4)
    add_to_two_tiles((global half64 *)tile, (global half64 *)lower, (global const half64 *)above,
                     (global const half64 *)below, (global const half64 *)(at->derivatives + column * LM_PACKED_BLOCK));
  add_to_tile(lower, below, at->derivatives + (row + 2) * LM_PACKED_BLOCK);
  return lower + 4;
}

static inline void add_block(const struct pack *at)
{
  global real64 *tile = at->trial_matrix;
  uint row = 0;
  for (; row < at->padded; row += 2)
    add_to_gradient(at->trial_gradient + row, at->weighted + row * LM_PACKED_BLOCK, at->errors);
  for (row = 0; row + 2 < at->padded; row += 4) tile = add_to_two_rows(at, tile, row);
  if (row < at->padded) add_to_row(at, tile, row);
}

static inline void clear(global real64 *values, uint count)
{
  for (uint i = 0; i < count; i++) values[i] = (real64)0.0;
}

/* Makes a -0 in a sum +0: so samples that a lane does not have, which add zeros, leave no trace. */
static inline void end_sums(global real64 *values, uint count)
{
  for (uint i = 0; i < count; i++) values[i] += (real64)0.0;
}

/* Loss, gradient and matrix at the trial, with derivatives without the factor W2. */
static inline void evaluate_trial(struct pack *at, const struct lane_samples *samples)
{
  const uint tiles = 4 * LM_TILES(at->hidden);
  const uint block = (2 * at->padded + 1) * LM_PACKED_BLOCK; /* derivatives, weighted, errors */
  at->loss = (real64)0.0;
  clear(at->trial_gradient, at->padded);
  clear(at->trial_matrix, tiles);
  clear(at->derivatives, block);
  for (uint number = 0; number < samples->most; number += LM_PACKED_BLOCK) {
    const uint left = samples->most - number, count = left < LM_PACKED_BLOCK ? left : LM_PACKED_BLOCK;
    if (count < LM_PACKED_BLOCK) clear(at->derivatives, block);
    for (uint s = 0; s < count; s++) differentiate(at, samples, number + s, s);
    add_block(at);
  }
  at->loss += (real64)0.0;
  end_sums(at->trial_gradient, at->padded);
  end_sums(at->trial_matrix, tiles);
}

/* ---- systems of equations ------------------------------------------------------------------------------------ */

/* from - sum of one[q] * other[q], q < n, in rising order. */
static inline real64 subtract_products(real64 from, uint n, global const real64 *one, global const real64 *other)
{
  for (uint q = 0; q < n; q++) from = FMA64(-one[q], other[q], from);
  return from;
}

/* The next row of a Cholesky factor but for its diagonal: the elements left of it of row `of` of a matrix in tiles,
 * whose columns begin at `first`. */
static inline void factorise_row(const struct pack *at, global const real64 *matrix, uint first, uint i)
{
  global real64 *row = at->factor + row_begin(i);
  for (uint k = 0; k < i; k++) {
    global const real64 *other = at->factor + row_begin(k);
    row[k] = subtract_products(matrix[tile_index(first + i, first + k)], k, row, other) * other[k];
  }
}

/* Ends row i, of which `damped` is the damped diagonal of the matrix; returns the lanes whose pivot exceeds `least`. */
static inline mask64 factorise_diagonal(const struct pack *at, uint i, real64 damped, real64 least)
{
  global real64 *row = at->factor + row_begin(i);
  const real64 pivot = subtract_products(damped, i, row, row);
  const mask64 good = pivot > least && pivot < (real64)INFINITY;
  row[i] = DIVIDE64((real64)1.0, ROOT64(select((real64)1.0, pivot, good)));
  return good;
}

/* Solves L L' step = -right of n unknowns. */
static inline void substitute(const struct pack *at, uint n, global const real64 *right)
{
  for (uint i = 0; i < n; i++) {
    global const real64 *row = at->factor + row_begin(i);
    at->step[i] = subtract_products(-right[i], i, row, at->step) * row[i];
  }
  for (uint i = n; i-- > 0;) {
    real64 rest = at->step[i];
    for (uint q = n; q-- > i + 1;) rest = FMA64(-at->factor[row_begin(q) + i], at->step[q], rest);
    at->step[i] = rest * at->factor[row_begin(i) + i];
  }
}

static inline real64 one_for_zero(real64 diagonal)
{
  return select((real64)1.0, diagonal, diagonal > (real64)0.0);
}

/* ---- the step ------------------------------------------------------------------------------------------------ */

/* The Cholesky factor of the damped matrix; returns the lanes in which it exists. */
static inline mask64 factorise(const struct pack *at, real64 damping)
{
  mask64 good = (mask64)(-1);
  for (uint i = 0; i < at->parameters; i++) {
    factorise_row(at, at->matrix, 0, i);
    const real64 damped = FMA64(damping, one_for_zero(at->diagonal[i]), at->matrix[tile_index(i, i)]);
    good = good && factorise_diagonal(at, i, damped, (real64)0.0);
  }
  return good;
}

/* The next parameters to try. Returns the lanes in which the normal equations have a finite solution; in the others the
 * trial is where the network is. known: lanes whose matrix is known. */
static inline mask64 make_trial(const struct pack *at, real64 damping, mask64 known)
{
  mask64 solved = known && factorise(at, damping);
  substitute(at, at->parameters, at->gradient);
  for (uint i = 0; i < at->parameters; i++) {
    at->trial[i] = at->value[i] + at->step[i];
    solved = solved && at->trial[i] > -(real64)INFINITY && at->trial[i] < (real64)INFINITY;
  }
  for (uint i = 0; i < at->parameters; i++) at->trial[i] = select(at->base[i], at->trial[i], solved);
  return solved;
}

/* ---- W2 and B2 ----------------------------------------------------------------------------------------------- */

/* The Cholesky factor of W2's and B2's part of the trial's matrix, with `ridge` times its diagonal added. */
static inline mask64 factorise_output(const struct pack *at, real64 ridge)
{
  const uint first = 2 * at->hidden, outputs = LM_OUTPUTS(at->hidden);
  mask64 good = (mask64)(-1);
  for (uint i = 0; i < outputs; i++) {
    const real64 diagonal = at->trial_matrix[tile_index(first + i, first + i)];
    const real64 added = ridge * one_for_zero(diagonal);
    factorise_row(at, at->trial_matrix, first, i);
    good = good && factorise_diagonal(at, i, FMA64(ridge, one_for_zero(diagonal), diagonal), (real64)0.5 * added);
  }
  return good;
}

static inline real64 matrix_between(const struct pack *at, uint one, uint other)
{
  return at->trial_matrix[one > other ? tile_index(one, other) : tile_index(other, one)];
}

/* The loss after W2 and B2 have moved by `step`. */
static inline real64 moved_loss(const struct pack *at)
{
  const uint first = 2 * at->hidden, outputs = LM_OUTPUTS(at->hidden);
  real64 loss = at->loss;
  for (uint i = 0; i < outputs; i++) {
    real64 slope = at->trial_gradient[first + i] + at->trial_gradient[first + i];
    for (uint k = 0; k < outputs; k++) slope = FMA64(matrix_between(at, first + i, first + k), at->step[k], slope);
    loss = FMA64(at->step[i], slope, loss);
  }
  return loss;
}

/* W2 of the neuron that parameter i belongs to if that is W1 or B1, else 1. */
static inline real64 factor_of_output(const struct pack *at, uint i)
{
  if (i >= 2 * at->hidden) return (real64)1.0;
  return at->projected[i < at->hidden ? 2 * at->hidden + i : at->hidden + i];
}

/* Moves the trial to the W2 and B2 with the smallest loss, with a ridge, and gives the derivatives by W1 and B1 their
 * factor W2. z is linear in W2 and B2, so that the sums of one pass over the samples suffice. */
static inline void solve_output(struct pack *at, real64 damping)
{
  const uint first = 2 * at->hidden, outputs = LM_OUTPUTS(at->hidden);
  mask64 good = factorise_output(at, damping + (real64)LM_OUTPUT_RIDGE);
  substitute(at, outputs, at->trial_gradient + first);
  const real64 loss = moved_loss(at);
  good = good && loss >= (real64)0.0 && loss <= at->loss;
  at->loss = select(at->loss, loss, good);
  for (uint i = 0; i < first; i++) at->projected[i] = at->trial[i];
  for (uint i = 0; i < outputs; i++)
    at->projected[first + i] = select(at->trial[first + i], at->trial[first + i] + at->step[i], good);
  for (uint i = 0; i < at->parameters; i++) {
    real64 moved = at->trial_gradient[i];
    for (uint k = 0; k < outputs; k++) moved = FMA64(matrix_between(at, i, first + k), at->step[k], moved);
    at->trial_gradient[i] = select(at->trial_gradient[i], moved, good);
  }
  for (uint i = 0; i < at->parameters; i++) {
    const real64 w2 = factor_of_output(at, i);
    at->trial_gradient[i] *= w2;
    for (uint k = 0; k <= i; k++)
      at->trial_matrix[tile_index(i, k)] = at->trial_matrix[tile_index(i, k)] * w2 * factor_of_output(at, k);
  }
}

/* ---- the end of an iteration --------------------------------------------------------------------------------- */

/* The lanes in which the gradient at the trial is zero within rounding. */
static inline mask64 find_flat(const struct pack *at)
{
  mask64 flat = (mask64)(-1);
  for (uint i = 0; i < at->parameters; i++) {
    const real64 square = at->trial_gradient[i] * at->trial_gradient[i];
    const real64 bound = (real64)LM_SMALL_SQUARED_COSINE * at->trial_matrix[tile_index(i, i)];
    flat = flat && square <= bound * at->loss;
  }
  return flat;
}

/* Makes the trial the parameters of some lanes. */
static inline void accept_trial(const struct pack *at, mask64 accepted)
{
  const uint normal = at->padded + 4 * LM_TILES(at->hidden);
  for (uint i = 0; i < at->parameters; i++) {
    const real64 now = at->trial_matrix[tile_index(i, i)];
    at->value[i] = select(at->value[i], at->projected[i], accepted);
    at->base[i] = select(at->base[i], at->trial[i], accepted);
    at->diagonal[i] = select(at->diagonal[i], now, accepted && now > at->diagonal[i]);
  }
  for (uint i = 0; i < normal; i++) at->gradient[i] = select(at->gradient[i], at->trial_gradient[i], accepted);
}

/* ---- the lanes ----------------------------------------------------------------------------------------------- */

/* The networks of a launch, by entry, and how far the work-items are with them. */
struct networks {
  global const struct network_task *task;
  global struct network_progress *progress;
  global double *vectors, *normal;
  uint count, steps;
  global volatile uint *next;
};

/* What the lanes of a pack are doing. */
struct lanes {
  uint entry[LANES64]; /* of the network; networks.count: there is none */
  struct network_task task[LANES64];
  struct network_progress at[LANES64];
  uint first_epoch[LANES64], left[LANES64]; /* iterations left in this launch */
  bool more;                                /* there may be further networks */
};

static inline bool is_active(const struct lanes *lanes, uint lane)
{
  return lanes->left[lane] > 0 && lanes->at[lane].status == CLFIT_TRAINING;
}

static inline void copy_to_lane(global double *lane, global const double *values, uint count)
{
  for (uint i = 0; i < count; i++) lane[i * LANES64] = values[i];
}

static inline void copy_from_lane(global double *values, global const double *lane, uint count)
{
  for (uint i = 0; i < count; i++) values[i] = lane[i * LANES64];
}

/* The next running network; networks.count: there is none. */
static inline uint find_next(const struct networks *networks)
{
  for (;;) {
    const uint entry = atomic_inc(networks->next);
    if (entry >= networks->count) return networks->count;
    if (networks->progress[entry].status == CLFIT_TRAINING) return entry;
  }
}

static inline void store_network(const struct networks *networks, const struct pack *at, const struct lanes *lanes,
                                 uint lane)
{
  const size_t entry = lanes->entry[lane];
  const uint vectors = LM_VECTORS(at->hidden), normal = LM_NORMAL(at->hidden);
  copy_from_lane(networks->vectors + entry * vectors, (global const double *)at->value + lane, vectors);
  copy_from_lane(networks->normal + entry * normal, (global const double *)at->gradient + lane, normal);
  networks->progress[entry] = lanes->at[lane];
}

static inline void load_network(const struct networks *networks, const struct pack *at, struct lanes *lanes, uint lane)
{
  const size_t entry = lanes->entry[lane];
  const uint vectors = LM_VECTORS(at->hidden), normal = LM_NORMAL(at->hidden);
  copy_to_lane((global double *)at->value + lane, networks->vectors + entry * vectors, vectors);
  if (at->scalars[LM_KNOWN * LANES64 + lane] != 0.0)
    copy_to_lane((global double *)at->gradient + lane, networks->normal + entry * normal, normal);
  lanes->task[lane] = networks->task[entry];
  lanes->at[lane] = networks->progress[entry];
  lanes->first_epoch[lane] = lanes->at[lane].epoch;
  lanes->left[lane] = networks->steps;
}

static inline void clear_lanes(const struct pack *at, struct lanes *lanes, uint no_entry)
{
  clear(at->value, LM_VECTORS(at->hidden) + LM_NORMAL(at->hidden));
  lanes->more = true;
  EACH_LANE(lane)
  {
    lanes->entry[lane] = no_entry;
    lanes->left[lane] = 0;
  }
}

/* Gives the next networks to the lanes that are not active. */
static inline void fill_lanes(const struct networks *networks, const struct pack *at, struct lanes *lanes)
{
  EACH_LANE(lane)
  {
    if (is_active(lanes, lane)) continue;
    if (lanes->entry[lane] < networks->count) store_network(networks, at, lanes, lane);
    lanes->entry[lane] = lanes->more ? find_next(networks) : networks->count;
    lanes->more = lanes->entry[lane] < networks->count;
    if (lanes->more) load_network(networks, at, lanes, lane);
  }
}

/* False: no lane is active. */
static inline bool find_samples(const struct lanes *lanes, struct lane_samples *samples)
{
  uint one = LANES64;
  EACH_LANE(lane) one = one == LANES64 && is_active(lanes, lane) ? lane : one;
  if (one == LANES64) return false;
  samples->most = 0;
  samples->same = true;
  EACH_LANE(lane)
  {
    const uint of = is_active(lanes, lane) ? lane : one;
    samples->first[lane] = lanes->task[of].first;
    samples->count[lane] = lanes->task[of].samples;
    samples->same = samples->same && samples->first[lane] == samples->first[0] &&
                    samples->count[lane] == samples->count[0];
    samples->most = samples->count[lane] > samples->most ? samples->count[lane] : samples->most;
  }
  return true;
}

static inline real64 load_scalar(const struct pack *at, uint scalar)
{
  return vload8(scalar, at->scalars);
}

/* Decides about the trial in each active lane; returns the lanes in which it is accepted. */
static inline mask64 decide(const struct pack *at, struct lanes *lanes, mask64 solved, global float *losses,
                            uint losses_kept)
{
  const mask64 flat = find_flat(at);
  double loss[LANES64];
  long solved_lanes[LANES64], flat_lanes[LANES64], accepted[LANES64];
  vstore8(at->loss, 0, loss);
  vstore8(solved, 0, solved_lanes);
  vstore8(flat, 0, flat_lanes);
  EACH_LANE(lane)
  {
    accepted[lane] = 0;
    if (!is_active(lanes, lane)) continue;
    global double *scalars = at->scalars + lane;
    struct lm_point point;
    point.at = lanes->at[lane];
    point.known = scalars[LM_KNOWN * LANES64];
    point.loss = scalars[LM_LOSS * LANES64];
    point.damping = scalars[LM_DAMPING * LANES64];
    point.projection = scalars[LM_PROJECTION * LANES64];
    point.small = scalars[LM_SMALL * LANES64];
    point = lm_decide(lanes->task[lane], point, loss[lane], solved_lanes[lane] != 0, flat_lanes[lane] != 0);
    scalars[LM_KNOWN * LANES64] = point.known;
    scalars[LM_LOSS * LANES64] = point.loss;
    scalars[LM_DAMPING * LANES64] = point.damping;
    scalars[LM_PROJECTION * LANES64] = point.projection;
    scalars[LM_SMALL * LANES64] = point.small;
    accepted[lane] = point.accepted ? -1 : 0;
    if (point.at.epoch > lanes->at[lane].epoch) {
      lanes->left[lane]--;
      store_loss(losses, losses_kept, lanes->entry[lane], lanes->first_epoch[lane], point.at);
    }
    lanes->at[lane] = point.at;
  }
  return vload8(0, accepted);
}

#define LM_ARGUMENTS(RESTRICT)                                                                                         \
  global const struct network_task *RESTRICT tasks, global struct network_progress *RESTRICT progress,                 \
  global const float *RESTRICT x_all, global const float *RESTRICT y_all,                                              \
  global const float *RESTRICT weights_all, uint has_weights, global float *RESTRICT losses,                           \
  uint losses_kept, uint hidden, uint steps, uint count, global double *RESTRICT vectors,                              \
  global double *RESTRICT normal, global real64 *RESTRICT scratch, global uint *RESTRICT next

/* scratch: of this work-item. */
SEPARATED train_lanes(LM_ARGUMENTS(SEPARATED_RESTRICT))
{
  STAYS_SEPARATE
  const struct networks networks = {.task = tasks, .progress = progress, .vectors = vectors, .normal = normal,
                                    .count = count, .steps = steps, .next = next};
  struct pack at = find_pack(hidden, has_weights != 0, scratch);
  struct lane_samples samples = {.x = x_all, .y = y_all, .weights = weights_all, .has_weights = has_weights != 0};
  struct lanes lanes;
  if (steps == 0) return;
  clear_lanes(&at, &lanes, count);
  for (;;) {
    fill_lanes(&networks, &at, &lanes);
    if (!find_samples(&lanes, &samples)) return;
    const mask64 known = load_scalar(&at, LM_KNOWN) != (real64)0.0;
    const real64 damping = select(load_scalar(&at, LM_PROJECTION), load_scalar(&at, LM_DAMPING), known);
    const mask64 solved = make_trial(&at, damping, known);
    evaluate_trial(&at, &samples);
    solve_output(&at, damping);
    accept_trial(&at, decide(&at, &lanes, solved, losses, losses_kept));
  }
}

kernel void train(LM_ARGUMENTS(restrict))
{
  train_lanes(tasks, progress, x_all, y_all, weights_all, has_weights, losses, losses_kept, hidden, steps, count,
              vectors, normal, scratch + get_global_id(0) * LM_PACKED_SCRATCH(hidden), next);
}
