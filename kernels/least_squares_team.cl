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
#include "numerics.h" /* before rule.h, which includes it for the kernels that train through gradients only */
#include "levenberg_marquardt.h"
#include "selftest64.h"

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
  global double *value, *base, *diagonal; /* [parameters] */
  global double *scalars;                 /* [LM_SCALARS] */
  global double *gradient;                /* [padded] */
  global double *matrix;                  /* tiles */
  global double *trial, *projected;       /* [padded], before and after W2 and B2 are solved for */
  global double *step, *scale;            /* [padded], of the system of equations being solved */
  global double *trial_gradient;
  MATRIX double *trial_matrix;
  MATRIX double *factor;                 /* rows of the Cholesky factor, with 1/L[i][i] on the diagonal */
  global double *derivatives, *weighted; /* [padded][LM_TEAM_BLOCK] */
  global double *errors;                 /* [LM_TEAM_BLOCK] */
};

/* What the work-items agree on, in local memory. */
struct agreed {
  int good;     /* the system of equations has a solution so far */
  int solved;   /* the trial comes from a step */
  int flat;     /* the gradient is zero within rounding */
  int known;    /* the matrix of the accepted parameters is known */
  double damping, loss; /* loss: at the trial */
};

/* ---- a pass over the samples --------------------------------------------------------------------------------- */

/* Activations, errors and derivatives of `count` samples, plain and times their weights; those by W1 and B1 without the
 * factor W2 (see solve_output). Derivatives of a sample that the block lacks are 0. */
static inline void differentiate(const struct team *at, global const float *x, global const float *y,
                                 global const float *weights, uint count)
{
  const uint hidden = at->hidden;
  global double *d = at->derivatives, *v = at->weighted;
  SHARED_LOOP(pair, 0, hidden * LM_TEAM_BLOCK)
  {
    const uint j = pair / LM_TEAM_BLOCK, s = pair % LM_TEAM_BLOCK;
    const double sample_x = s < count ? (double)x[s] : 0.0;
    const double z = FMA64(at->trial[j], sample_x, at->trial[hidden + j]);
    const double a = ACTIVATE64(z), slope = SLOPE64(a, z);
    d[j * LM_TEAM_BLOCK + s] = s < count ? slope * sample_x : 0.0;
    d[(hidden + j) * LM_TEAM_BLOCK + s] = s < count ? slope : 0.0;
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

/* ---- systems of equations ------------------------------------------------------------------------------------ */

static inline double one_for_zero(double diagonal)
{
  return diagonal > 0.0 ? diagonal : 1.0;
}

/* Factorises, column by column, the matrix of n rows in at->factor, with added * at->scale[i] added to its diagonal,
 * and solves L L' step = -step. Clears agreed->good if a pivot does not exceed `part` of what was added. */
static inline void solve(const struct team *at, local struct agreed *agreed, uint n, double added, double part)
{
  for (uint k = 0; k < n; k++) {
    MATRIX const double *other = at->factor + row_begin(k);
    SHARED_LOOP(i, k, n)
    {
      MATRIX double *row = at->factor + row_begin(i);
      double sum = i == k ? FMA64(added, at->scale[i], row[k]) : row[k];
      for (uint q = 0; q < k; q++) sum = FMA64(-row[q], other[q], sum);
      if (i == k) {
        const bool good = sum > part * (added * at->scale[i]) && sum < INFINITY;
        if (!good) agreed->good = 0;
        sum = DIVIDE64(1.0, ROOT64(good ? sum : 1.0));
      }
      row[k] = sum;
    }
    BARRIER;
    SHARED_LOOP(i, k + 1, n) at->factor[row_begin(i) + k] *= other[k];
    BARRIER;
  }
  SHARED_LOOP(i, 0, n) at->step[i] = -at->step[i];
  BARRIER;
  for (uint q = 0; q < n; q++) {
    if (get_local_id(0) == 0) at->step[q] *= at->factor[row_begin(q) + q];
    BARRIER;
    SHARED_LOOP(i, q + 1, n) at->step[i] = FMA64(-at->factor[row_begin(i) + q], at->step[q], at->step[i]);
    BARRIER;
  }
  for (uint q = n; q-- > 0;) {
    if (get_local_id(0) == 0) at->step[q] *= at->factor[row_begin(q) + q];
    BARRIER;
    SHARED_LOOP(i, 0, q) at->step[i] = FMA64(-at->factor[row_begin(q) + i], at->step[q], at->step[i]);
    BARRIER;
  }
}

/* ---- the step ------------------------------------------------------------------------------------------------ */

/* The system of equations of the step. Returns its size, 0 if the matrix is not known. */
static inline uint prepare_step(const struct team *at, local struct agreed *agreed)
{
  if (!agreed->known) return 0;
  SHARED_LOOP(i, 0, at->parameters)
  {
    at->step[i] = at->gradient[i];
    at->scale[i] = one_for_zero(at->diagonal[i]);
    for (uint k = 0; k <= i; k++) at->factor[row_begin(i) + k] = at->matrix[tile_index(i, k)];
  }
  return at->parameters;
}

/* The next parameters to try: where the network is, unless the system has a finite solution. */
static inline void make_trial(const struct team *at, local struct agreed *agreed)
{
  SHARED_LOOP(i, 0, at->parameters)
  {
    at->trial[i] = agreed->known ? at->value[i] + at->step[i] : at->base[i]; /* else there is no step */
    if (!(at->trial[i] > -INFINITY && at->trial[i] < INFINITY)) agreed->good = 0;
  }
  BARRIER;
  const bool solved = agreed->known && agreed->good;
  BARRIER; /* all have read agreed->good */
  if (get_local_id(0) == 0) {
    agreed->solved = solved;
    agreed->good = 1;
  }
  if (!solved) SHARED_LOOP(i, 0, at->parameters) at->trial[i] = at->base[i];
  BARRIER;
}

/* ---- W2 and B2 ----------------------------------------------------------------------------------------------- */

static inline double matrix_between(const struct team *at, uint one, uint other)
{
  return at->trial_matrix[one > other ? tile_index(one, other) : tile_index(other, one)];
}

/* The loss after W2 and B2 have moved by the step. */
static inline double moved_loss(const struct team *at, double loss)
{
  const uint first = 2 * at->hidden, outputs = LM_OUTPUTS(at->hidden);
  for (uint i = 0; i < outputs; i++) {
    double slope = at->trial_gradient[first + i] + at->trial_gradient[first + i];
    for (uint k = 0; k < outputs; k++) slope = FMA64(matrix_between(at, first + i, first + k), at->step[k], slope);
    loss = FMA64(at->step[i], slope, loss);
  }
  return loss;
}

/* The system of equations of W2 and B2: z is linear in them, so that the sums of one pass over the samples suffice.
 * Returns its size. */
static inline uint prepare_output(const struct team *at)
{
  const uint first = 2 * at->hidden, outputs = LM_OUTPUTS(at->hidden);
  SHARED_LOOP(i, 0, outputs)
  {
    at->step[i] = at->trial_gradient[first + i];
    at->scale[i] = one_for_zero(at->trial_matrix[tile_index(first + i, first + i)]);
    for (uint k = 0; k <= i; k++) at->factor[row_begin(i) + k] = at->trial_matrix[tile_index(first + i, first + k)];
  }
  return outputs;
}

/* Moves the trial to the W2 and B2 with the smallest loss, with a ridge, unless rounding errors are too large, and
 * gives the derivatives by W1 and B1 their factor W2. */
static inline void move_output(const struct team *at, local struct agreed *agreed)
{
  const uint hidden = at->hidden, first = 2 * hidden, outputs = LM_OUTPUTS(hidden);
  if (get_local_id(0) == 0) {
    const double loss = moved_loss(at, agreed->loss);
    agreed->good = agreed->good && loss >= 0.0 && loss <= agreed->loss;
    if (agreed->good) agreed->loss = loss;
  }
  BARRIER;
  const bool good = agreed->good;
  SHARED_LOOP(i, 0, at->parameters)
  {
    double moved = at->trial_gradient[i];
    for (uint k = 0; k < outputs; k++) moved = FMA64(matrix_between(at, i, first + k), at->step[k], moved);
    if (good) at->trial_gradient[i] = moved;
    at->projected[i] = good && i >= first ? at->trial[i] + at->step[i - first] : at->trial[i];
  }
  BARRIER;
  SHARED_LOOP(i, 0, at->parameters)
  {
    const double w2 = i < first ? at->projected[first + i % hidden] : 1.0;
    at->trial_gradient[i] *= w2;
    for (uint k = 0; k <= i; k++) {
      const double other = k < first ? at->projected[first + k % hidden] : 1.0;
      at->trial_matrix[tile_index(i, k)] = at->trial_matrix[tile_index(i, k)] * w2 * other;
    }
  }
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
    at->value[i] = at->projected[i];
    at->base[i] = at->trial[i];
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
  point.projection = at->scalars[LM_PROJECTION];
  point.small = at->scalars[LM_SMALL];
  point = lm_decide(visit->task, point, agreed->loss, agreed->solved != 0, agreed->flat != 0);
  BARRIER; /* all have read the scalars */
  const bool counted = point.at.epoch > visit->at.epoch;
  if (get_local_id(0) == 0) {
    at->scalars[LM_KNOWN] = point.known;
    at->scalars[LM_LOSS] = point.loss;
    at->scalars[LM_DAMPING] = point.damping;
    at->scalars[LM_PROJECTION] = point.projection;
    at->scalars[LM_SMALL] = point.small;
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
  at.projected = at.trial + at.padded;
  at.step = at.projected + at.padded;
  at.scale = at.step + at.padded;
  at.trial_gradient = at.scale + at.padded;
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
    at.base = at.value + at.parameters;
    at.diagonal = at.base + at.parameters;
    at.scalars = at.diagonal + at.parameters;
    at.gradient = normal + (size_t)slot * LM_NORMAL(hidden);
    at.matrix = at.gradient + at.padded;
    while (visit.at.status == CLFIT_TRAINING && visit.left > 0) {
      if (get_local_id(0) == 0) {
        agreed.known = at.scalars[LM_KNOWN] != 0.0;
        agreed.damping = at.scalars[agreed.known ? LM_DAMPING : LM_PROJECTION];
        agreed.good = 1;
      }
      BARRIER;
      /* Two systems of equations in a loop, so that the code that solves them is there once: some compilers need
       * minutes for so many barriers. */
      for (uint output = 0; output < 2; output++) {
        if (output) evaluate_trial(&at, &agreed, visit.task, x_all, y_all, weights_all);
        const uint n = output ? prepare_output(&at) : prepare_step(&at, &agreed);
        const double added = output ? agreed.damping + LM_OUTPUT_RIDGE : agreed.damping;
        BARRIER;
        solve(&at, &agreed, n, added, output ? 0.5 : 0.0);
        if (!output) make_trial(&at, &agreed);
      }
      move_output(&at, &agreed);
      find_flat(&at, &agreed);
      if (decide(&at, &agreed, &visit, slot, losses, losses_kept)) accept_trial(&at);
      BARRIER;
    }
    BARRIER; /* all have read the progress, also if there was no iteration */
    if (get_local_id(0) == 0) progress[slot] = visit.at;
    BARRIER;
  }
}
