/*
 * Least squares by Levenberg-Marquardt, a work-group a network. For GPUs. docs/least-squares.md has the formulas and
 * the order of every sum: each sum over samples or products is computed by one work-item, in that order.
 *
 * `vectors` is [networks][LM_VECTORS] and `normal` [networks][LM_NORMAL] values; levenberg_marquardt.h says what is in
 * them. `scratch` has LM_SCRATCH values for each work-group. Local memory: with LOCAL_MATRIX the trial's matrix and the
 * Cholesky factor (`shared`), else they are in `scratch`; and what the work-items must agree on.
 *
 * Global size: a multiple of LM_TEAM_SIZE, the local size; work-group i trains the networks i, i + number of groups ...
 * All work-items take the same branches: every condition that surrounds a barrier is on values that are the same in
 * all of them. BARRIER stands after each phase in which work-items write what others read.
 */
#include "binary64.h"
#include "levenberg_marquardt.h"

#ifndef ACTIVATE64
#define ACTIVATE64 tanh64
#define SLOPE64    slope_tanh64
#endif
#ifndef LOCAL_MATRIX
#define LOCAL_MATRIX 0
#endif
#if LOCAL_MATRIX
#define MATRIX local
#else
#define MATRIX global
#endif

#define BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
/* A loop that the work-items of a group divide among themselves. */
#define SHARED_LOOP(i, from, to) for (uint i = (from) + get_local_id(0); i < (to); i += LM_TEAM_SIZE)

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

/* Where a work-group finds the values of its network. */
struct team {
  uint hidden, parameters, padded, tiles;
  global double *value, *diagonal; /* [parameters] */
  global double *scalars;          /* [LM_SCALARS] */
  global double *gradient;         /* [padded] */
  global double *matrix;           /* tiles */
  global double *trial, *step;     /* [padded] */
  global double *trial_gradient;
  MATRIX double *trial_matrix, *factor;
  global double *derivatives, *weighted; /* [padded][LM_TEAM_BLOCK] */
  global double *errors;                 /* [LM_TEAM_BLOCK] */
};

/* What the work-items agree on, in local memory. */
struct agreed {
  int good;             /* the factorisation has succeeded so far */
  int flat;             /* the gradient is zero within rounding */
  int accepted, active; /* the decision */
  int known;
  double damping, loss; /* loss: at the trial */
};

/* ---- a pass over the samples --------------------------------------------------------------------------------- */

/* Activations, errors and derivatives of `count` samples, plain and times their weights. Derivatives of a sample that
 * the block lacks are 0. */
static inline void differentiate(const struct team *at, global const float *x, global const float *y,
                                 global const float *weights, uint count)
{
  const uint hidden = at->hidden;
  global double *d = at->derivatives, *v = at->weighted;
  SHARED_LOOP(pair, 0, hidden * LM_TEAM_BLOCK)
  {
    const uint j = pair / LM_TEAM_BLOCK, s = pair % LM_TEAM_BLOCK;
    const double sample_x = s < count ? (double)x[s] : 0.0;
    const double a = ACTIVATE64(FMA64(at->trial[j], sample_x, at->trial[hidden + j]));
    const double g = at->trial[2 * hidden + j] * SLOPE64(a);
    d[j * LM_TEAM_BLOCK + s] = s < count ? g * sample_x : 0.0;
    d[(hidden + j) * LM_TEAM_BLOCK + s] = s < count ? g : 0.0;
    d[(2 * hidden + j) * LM_TEAM_BLOCK + s] = s < count ? a : 0.0;
  }
  BARRIER;
  SHARED_LOOP(s, 0, LM_TEAM_BLOCK)
  {
    double z = at->trial[3 * hidden];
    for (uint j = 0; j < hidden; j++) z = FMA64(at->trial[2 * hidden + j], d[(2 * hidden + j) * LM_TEAM_BLOCK + s], z);
    d[3 * hidden * LM_TEAM_BLOCK + s] = s < count ? 1.0 : 0.0;
    at->errors[s] = s < count ? z - (double)y[s] : 0.0;
  }
  BARRIER;
  SHARED_LOOP(i, 0, at->padded * LM_TEAM_BLOCK)
  {
    const uint s = i % LM_TEAM_BLOCK;
    v[i] = s < count ? (double)weights[s] * d[i] : 0.0;
  }
  BARRIER;
}

/* Adds a block of samples to the loss, the gradient and the matrix. */
static inline void add_block(const struct team *at, local struct agreed *agreed, global const float *weights,
                             uint count)
{
  if (get_local_id(0) == 0)
    for (uint s = 0; s < count; s++)
      agreed->loss = FMA64((double)weights[s] * at->errors[s], at->errors[s], agreed->loss);
  SHARED_LOOP(i, 0, at->parameters)
  {
    double sum = at->trial_gradient[i];
    for (uint s = 0; s < count; s++) sum = FMA64(at->weighted[i * LM_TEAM_BLOCK + s], at->errors[s], sum);
    at->trial_gradient[i] = sum;
  }
  uint row = 0, column = get_local_id(0); /* tile `tile` is in this row and column of tiles */
  SHARED_LOOP(tile, 0, at->tiles)
  {
    while (column > row) column -= ++row;
    MATRIX double *sums = at->trial_matrix + 4 * tile;
    global const double *v = at->weighted + 2 * row * LM_TEAM_BLOCK, *d = at->derivatives + 2 * column * LM_TEAM_BLOCK;
    double sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
    for (uint s = 0; s < count; s++) {
      sum0 = FMA64(v[s], d[s], sum0);
      sum1 = FMA64(v[s], d[LM_TEAM_BLOCK + s], sum1);
      sum2 = FMA64(v[LM_TEAM_BLOCK + s], d[s], sum2);
      sum3 = FMA64(v[LM_TEAM_BLOCK + s], d[LM_TEAM_BLOCK + s], sum3);
    }
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
    column += LM_TEAM_SIZE;
  }
  BARRIER;
}

/* Loss, gradient and matrix at the trial. A -0 in a sum becomes +0, as in all implementations. */
static inline void evaluate_trial(const struct team *at, local struct agreed *agreed, struct network_task task,
                                  global const float *x_all, global const float *y_all,
                                  global const float *weights_all)
{
  if (get_local_id(0) == 0) agreed->loss = 0.0;
  SHARED_LOOP(i, 0, at->padded) at->trial_gradient[i] = 0.0;
  SHARED_LOOP(i, 0, 4 * at->tiles) at->trial_matrix[i] = 0.0;
  SHARED_LOOP(i, at->parameters * LM_TEAM_BLOCK, at->padded * LM_TEAM_BLOCK)
  {
    at->derivatives[i] = 0.0;
    at->weighted[i] = 0.0;
  }
  BARRIER;
  for (uint number = 0; number < task.samples; number += LM_TEAM_BLOCK) {
    const uint left = task.samples - number, count = left < LM_TEAM_BLOCK ? left : LM_TEAM_BLOCK;
    const uint first = task.first + number;
    differentiate(at, x_all + first, y_all + first, weights_all + first, count);
    add_block(at, agreed, weights_all + first, count);
  }
  if (get_local_id(0) == 0) agreed->loss += 0.0;
  SHARED_LOOP(i, 0, at->padded) at->trial_gradient[i] += 0.0;
  SHARED_LOOP(i, 0, 4 * at->tiles) at->trial_matrix[i] += 0.0;
  BARRIER;
}

/* ---- the step ------------------------------------------------------------------------------------------------ */

/* The Cholesky factor of the damped matrix, column by column. Clears agreed->good where it does not exist. */
static inline void factorise(const struct team *at, local struct agreed *agreed)
{
  for (uint k = 0; k < at->parameters; k++) {
    MATRIX const double *other = at->factor + row_begin(k);
    SHARED_LOOP(i, k, at->parameters)
    {
      MATRIX double *row = at->factor + row_begin(i);
      double sum = at->matrix[tile_index(i, k)];
      if (i == k) sum = FMA64(agreed->damping, at->diagonal[i] > 0.0 ? at->diagonal[i] : 1.0, sum);
      for (uint q = 0; q < k; q++) sum = FMA64(-row[q], other[q], sum);
      if (i == k) {
        const bool positive = sum > 0.0 && sum < INFINITY;
        if (!positive) agreed->good = 0;
        sum = 1.0 / sqrt(positive ? sum : 1.0);
      }
      row[k] = sum;
    }
    BARRIER;
    SHARED_LOOP(i, k + 1, at->parameters) at->factor[row_begin(i) + k] *= other[k];
    BARRIER;
  }
}

/* Solves L L' step = -gradient, column by column. */
static inline void substitute(const struct team *at)
{
  SHARED_LOOP(i, 0, at->parameters) at->step[i] = -at->gradient[i];
  BARRIER;
  for (uint q = 0; q < at->parameters; q++) {
    if (get_local_id(0) == 0) at->step[q] *= at->factor[row_begin(q) + q];
    BARRIER;
    SHARED_LOOP(i, q + 1, at->parameters)
    at->step[i] = FMA64(-at->factor[row_begin(i) + q], at->step[q], at->step[i]);
    BARRIER;
  }
  for (uint q = at->parameters; q-- > 0;) {
    if (get_local_id(0) == 0) at->step[q] *= at->factor[row_begin(q) + q];
    BARRIER;
    SHARED_LOOP(i, 0, q) at->step[i] = FMA64(-at->factor[row_begin(q) + i], at->step[q], at->step[i]);
    BARRIER;
  }
}

/* The next parameters to try. */
static inline void make_trial(const struct team *at, local struct agreed *agreed)
{
  if (agreed->known) {
    factorise(at, agreed);
    substitute(at);
  }
  const bool solved = agreed->known && agreed->good;
  SHARED_LOOP(i, 0, at->parameters) at->trial[i] = solved ? at->value[i] + at->step[i] : at->value[i];
  BARRIER;
}

/* ---- the end of an iteration --------------------------------------------------------------------------------- */

/* Clears agreed->flat unless the gradient at the trial is zero within rounding. */
static inline void find_flat(const struct team *at, local struct agreed *agreed)
{
  if (get_local_id(0) == 0) agreed->flat = 1;
  BARRIER;
  SHARED_LOOP(i, 0, at->parameters)
  {
    const double square = at->trial_gradient[i] * at->trial_gradient[i];
    const double bound = LM_SMALL_SQUARED_COSINE * at->trial_matrix[tile_index(i, i)];
    if (!(square <= bound * agreed->loss)) agreed->flat = 0;
  }
  BARRIER;
}

static inline void accept_trial(const struct team *at)
{
  SHARED_LOOP(i, 0, at->parameters)
  {
    const double now = at->trial_matrix[tile_index(i, i)];
    at->value[i] = at->trial[i];
    if (now > at->diagonal[i]) at->diagonal[i] = now;
  }
  SHARED_LOOP(i, 0, at->padded) at->gradient[i] = at->trial_gradient[i];
  SHARED_LOOP(i, 0, 4 * at->tiles) at->matrix[i] = at->trial_matrix[i];
}

/* The state of the network in this launch; the same in all work-items. */
struct visit {
  struct network_task task;
  struct network_progress at;
  uint first_epoch, left; /* iterations left in this launch */
};

/* Decides about the trial. Each work-item computes the same; the first one stores. */
static inline bool decide(const struct team *at, local struct agreed *agreed, struct visit *visit, uint slot,
                          global float *losses, uint losses_kept)
{
  struct lm_point point;
  point.at = visit->at;
  point.known = at->scalars[LM_KNOWN];
  point.loss = at->scalars[LM_LOSS];
  point.damping = at->scalars[LM_DAMPING];
  point = lm_decide(visit->task, point, agreed->loss, agreed->good != 0, agreed->flat != 0);
  BARRIER; /* all have read the scalars */
  const bool counted = point.at.epoch > visit->at.epoch;
  if (get_local_id(0) == 0) {
    at->scalars[LM_KNOWN] = point.known;
    at->scalars[LM_LOSS] = point.loss;
    at->scalars[LM_DAMPING] = point.damping;
    if (counted) store_loss(losses, losses_kept, slot, visit->first_epoch, point.at);
  }
  if (counted) visit->left--;
  visit->at = point.at;
  return point.accepted;
}

kernel __attribute__((reqd_work_group_size(LM_TEAM_SIZE, 1, 1))) void
train(global const struct network_task *restrict tasks, global struct network_progress *restrict progress,
      global const float *restrict x_all, global const float *restrict y_all, global const float *restrict weights_all,
      uint has_weights, global float *restrict losses, uint losses_kept, uint hidden, uint steps, uint networks,
      global double *restrict vectors, global double *restrict normal, global double *restrict scratch
#if LOCAL_MATRIX
      ,
      local double *restrict shared
#endif
)
{
  local struct agreed agreed;
  struct team at;
  at.hidden = hidden;
  at.parameters = LM_PARAMETERS(hidden);
  at.padded = LM_PADDED(hidden);
  at.tiles = LM_TILES(hidden);
  at.trial = scratch + get_group_id(0) * (size_t)LM_SCRATCH(hidden, LM_TEAM_BLOCK);
  at.step = at.trial + at.padded;
  at.trial_gradient = at.step + at.padded;
  at.derivatives = at.trial_gradient + at.padded;
  at.weighted = at.derivatives + LM_TEAM_BLOCK * at.padded;
  at.errors = at.weighted + LM_TEAM_BLOCK * at.padded;
#if LOCAL_MATRIX
  at.trial_matrix = shared;
#else
  at.trial_matrix = at.errors + LM_TEAM_BLOCK;
#endif
  at.factor = at.trial_matrix + 4 * at.tiles;
  for (uint slot = get_group_id(0); slot < networks; slot += get_num_groups(0)) {
    struct visit visit;
    visit.task = tasks[slot];
    visit.at = progress[slot];
    visit.first_epoch = visit.at.epoch;
    visit.left = steps;
    at.value = vectors + (size_t)slot * LM_VECTORS(hidden);
    at.diagonal = at.value + at.parameters;
    at.scalars = at.diagonal + at.parameters;
    at.gradient = normal + (size_t)slot * LM_NORMAL(hidden);
    at.matrix = at.gradient + at.padded;
    while (visit.at.status == CLFIT_TRAINING && visit.left > 0) {
      if (get_local_id(0) == 0) {
        agreed.known = at.scalars[LM_KNOWN] != 0.0;
        agreed.damping = at.scalars[LM_DAMPING];
        agreed.good = 1;
      }
      BARRIER;
      make_trial(&at, &agreed);
      evaluate_trial(&at, &agreed, visit.task, x_all, y_all, weights_all);
      find_flat(&at, &agreed);
      if (decide(&at, &agreed, &visit, slot, losses, losses_kept)) accept_trial(&at);
      BARRIER;
    }
    if (get_local_id(0) == 0) progress[slot] = visit.at;
    BARRIER;
  }
}
