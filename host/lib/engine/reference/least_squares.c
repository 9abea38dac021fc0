#include "engine/reference/least_squares.h"

#include "base/error.h"
#include "base/strict.h"
#include "binary64.h"
#include "config/record.h"
#include "engine/reference/clones.h"
#include "engine/reference/losses.h"
#include "levenberg_marquardt.h"
#include "numerics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory -------------------------------------------------------------------------------------------------- */

static size_t triangle(size_t n)
{
  return n * (n + 1) / 2;
}

clfit_status clfit_least_squares_create(uint32_t hidden, struct least_squares *network, clfit_error *error)
{
  const size_t count = LM_PARAMETERS(hidden), all = 9 * count + 3 * triangle(count);
  double *next = calloc(all, sizeof *next);
  if (!next) return clfit_fail_memory(error);
  *network = (struct least_squares){.memory = next, .damping = LM_DAMPING_FIRST, .projection = LM_DAMPING_FIRST};
  double **const vectors[] = {
      &network->value,         &network->base, &network->diagonal,    &network->trial_base,
      &network->trial_value,   &network->step, &network->derivatives, &network->accepted.gradient,
      &network->trial.gradient};
  double **const matrices[] = {&network->accepted.matrix, &network->trial.matrix, &network->factor};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++, next += count) *vectors[i] = next;
  for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++, next += triangle(count)) *matrices[i] = next;
  return CLFIT_OK;
}

void clfit_least_squares_free(struct least_squares *network)
{
  free(network->memory);
  *network = (struct least_squares){0};
}

/* ---- a pass over the samples --------------------------------------------------------------------------------- */

/* Derivatives of z by W1, B1, W2 and B2 at one sample, those by W1 and B1 without the factor W2 (see solve_output);
 * returns z. */
#define DEFINE_DIFFERENTIATE(name)                                                                                     \
  WITH_FMA static double differentiate_##name(uint32_t hidden, const double *restrict p, double x, double *restrict d) \
  {                                                                                                                    \
    const double *w1 = p, *b1 = p + hidden, *w2 = p + 2 * (size_t)hidden;                                              \
    double *d_w1 = d, *d_b1 = d + hidden, *d_w2 = d + 2 * (size_t)hidden;                                              \
    for (uint32_t j = 0; j < hidden; j++) d_w2[j] = name##64(fma(w1[j], x, b1[j]));                                    \
    for (uint32_t j = 0; j < hidden; j++) {                                                                            \
      d_b1[j] = slope_##name##64(d_w2[j], fma(w1[j], x, b1[j]));                                                       \
      d_w1[j] = d_b1[j] * x;                                                                                           \
    }                                                                                                                  \
    d[3 * (size_t)hidden] = 1.0;                                                                                       \
    double z = p[3 * (size_t)hidden];                                                                                  \
    for (uint32_t j = 0; j < hidden; j++) z = fma(w2[j], d_w2[j], z);                                                  \
    return z;                                                                                                          \
  }
CLFIT_ACTIVATIONS(DEFINE_DIFFERENTIATE)

#define NAME_DIFFERENTIATE(name) differentiate_##name,
static double (*const differentiate[])(uint32_t, const double *, double,
                                       double *) = {CLFIT_ACTIVATIONS(NAME_DIFFERENTIATE)};

/* Adds a sample to the gradient and the matrix. */
WITH_FMA static void add_sample(size_t count, const double *restrict d, double weight, double e,
                                double *restrict gradient, double *restrict matrix)
{
  for (size_t i = 0; i < count; i++) {
    const double weighted = weight * d[i];
    double *row = matrix + i * (i + 1) / 2;
    gradient[i] = fma(weighted, e, gradient[i]);
    for (size_t k = 0; k <= i; k++) row[k] = fma(weighted, d[k], row[k]);
  }
}

/* Makes a -0 in a sum +0. So a device may add zeros for samples that a network does not have. */
static void end_sums(size_t count, struct normal_equations *point)
{
  point->loss += 0.0;
  for (size_t i = 0; i < count; i++) point->gradient[i] += 0.0;
  for (size_t i = 0; i < triangle(count); i++) point->matrix[i] += 0.0;
}

/* Loss, gradient and matrix at `value`, with derivatives without the factor W2, each a sum in the order of the samples
 * that begins at +0. */
static void evaluate_point(const struct network_task *task, clfit_activation activation,
                           const struct weighted_samples *samples, const double *value, double *derivatives,
                           struct normal_equations *point)
{
  const size_t count = LM_PARAMETERS(task->hidden);
  memset(point->gradient, 0, count * sizeof *point->gradient);
  memset(point->matrix, 0, triangle(count) * sizeof *point->matrix);
  point->loss = 0.0;
  for (uint32_t i = 0; i < task->samples; i++) {
    const double weight = samples->weights ? samples->weights[i] : 1.0;
    const double e = differentiate[activation](task->hidden, value, samples->x[i], derivatives) - samples->y[i];
    const double weighted = weight * e;
    point->loss = fma(weighted, e, point->loss);
    add_sample(count, derivatives, weight, e, point->gradient, point->matrix);
  }
  end_sums(count, point);
}

/* ---- systems of equations ------------------------------------------------------------------------------------ */

/* fma over the first n products, subtracted from `from` in rising order. */
static double subtract_products(double from, size_t n, const double *one, const double *other)
{
  for (size_t q = 0; q < n; q++) from = fma(-one[q], other[q], from);
  return from;
}

/* The matrix's element for a parameter whose diagonal is 0: 1, Marquardt's choice. */
static double one_for_zero(double diagonal)
{
  return diagonal > 0.0 ? diagonal : 1.0;
}

/* The Cholesky factor L of a system of n equations: rows and columns first .. first + n - 1 of a matrix, with
 * added * scale[i] on its diagonal. Its own diagonal holds 1/L[i][i]. scale NULL: the diagonal itself is the scale, and
 * pivots below half of what was added are refused. False: the matrix is not positive definite within rounding. */
WITH_FMA static bool factorise(size_t n, const double *matrix, size_t first, double added, const double *scale,
                               double *factor)
{
  for (size_t i = 0; i < n; i++) {
    double *row = factor + triangle(i);
    const double *of = matrix + triangle(first + i) + first;
    for (size_t k = 0; k < i; k++) {
      const double *other = factor + triangle(k);
      row[k] = subtract_products(of[k], k, row, other) * other[k];
    }
    const double unit = one_for_zero(scale ? scale[i] : of[i]), least = scale ? 0.0 : 0.5 * (added * unit);
    const double pivot = subtract_products(fma(added, unit, of[i]), i, row, row);
    if (!(pivot > least && pivot < INFINITY)) return false;
    row[i] = DIVIDE64(1.0, ROOT64(pivot));
  }
  return true;
}

/* Solves L L' step = -right. */
WITH_FMA static void substitute(size_t n, const double *factor, const double *right, double *step)
{
  for (size_t i = 0; i < n; i++)
    step[i] = subtract_products(-right[i], i, factor + triangle(i), step) * factor[triangle(i) + i];
  for (size_t i = n; i-- > 0;) {
    double rest = step[i];
    for (size_t q = n; q-- > i + 1;) rest = fma(-factor[triangle(q) + i], step[q], rest);
    step[i] = rest * factor[triangle(i) + i];
  }
}

/* ---- the step ------------------------------------------------------------------------------------------------ */

/* The next parameters to try; false: the normal equations have no finite solution, and the trial is where the network
 * is. */
static bool make_trial(size_t count, struct least_squares *network)
{
  double *trial = network->trial_base;
  bool solved = factorise(count, network->accepted.matrix, 0, network->damping, network->diagonal, network->factor);
  if (solved) substitute(count, network->factor, network->accepted.gradient, network->step);
  for (size_t i = 0; i < count && solved; i++) {
    trial[i] = network->value[i] + network->step[i];
    solved = isfinite(trial[i]);
  }
  if (!solved) memcpy(trial, network->base, count * sizeof *trial);
  return solved;
}

/* ---- W2 and B2 ----------------------------------------------------------------------------------------------- */

static double matrix_between(const double *matrix, size_t one, size_t other)
{
  return one > other ? matrix[triangle(one) + other] : matrix[triangle(other) + one];
}

/* The loss after W2 and B2 have moved by `step`. */
WITH_FMA static double moved_loss(size_t first, size_t outputs, const struct normal_equations *point,
                                  const double *step)
{
  double loss = point->loss;
  for (size_t i = 0; i < outputs; i++) {
    double slope = point->gradient[first + i] + point->gradient[first + i];
    for (size_t k = 0; k < outputs; k++)
      slope = fma(matrix_between(point->matrix, first + i, first + k), step[k], slope);
    loss = fma(step[i], slope, loss);
  }
  return loss;
}

WITH_FMA static void move_gradient(size_t count, size_t first, struct normal_equations *point, const double *step)
{
  for (size_t i = 0; i < count; i++)
    for (size_t k = first; k < count; k++)
      point->gradient[i] = fma(matrix_between(point->matrix, i, k), step[k - first], point->gradient[i]);
}

/* Gives the derivatives by W1 and B1 their factor W2. */
static void multiply_by_output(uint32_t hidden, const double *value, struct normal_equations *point)
{
  const size_t count = LM_PARAMETERS(hidden), first = 2 * (size_t)hidden;
  for (size_t i = 0; i < count; i++) {
    const double w2 = i < first ? value[first + i % hidden] : 1.0;
    double *row = point->matrix + triangle(i);
    point->gradient[i] *= w2;
    for (size_t k = 0; k <= i; k++) {
      const double once = row[k] * w2;
      row[k] = once * (k < first ? value[first + k % hidden] : 1.0);
    }
  }
}

/* Moves the trial to the W2 and B2 with the smallest loss, with a ridge, unless rounding errors are too large. z is
 * linear in W2 and B2, so that the sums of one pass over the samples suffice. */
static void solve_output(uint32_t hidden, double damping, struct least_squares *network)
{
  const size_t count = LM_PARAMETERS(hidden), first = 2 * (size_t)hidden, outputs = LM_OUTPUTS(hidden);
  struct normal_equations *point = &network->trial;
  memcpy(network->trial_value, network->trial_base, count * sizeof *network->trial_value);
  if (factorise(outputs, point->matrix, first, damping + LM_OUTPUT_RIDGE, NULL, network->factor)) {
    substitute(outputs, network->factor, point->gradient + first, network->step);
    const double loss = moved_loss(first, outputs, point, network->step);
    if (loss >= 0.0 && loss <= point->loss) {
      point->loss = loss;
      move_gradient(count, first, point, network->step);
      for (size_t i = 0; i < outputs; i++) network->trial_value[first + i] += network->step[i];
    }
  }
  multiply_by_output(hidden, network->trial_value, point);
}

/* ---- the end of an iteration --------------------------------------------------------------------------------- */

/* Whether the cosine of the angle between the errors and each column of J is zero within rounding:
 * gradient[i]^2 <= LM_SMALL_SQUARED_COSINE * matrix[i][i] * loss. True where the loss is zero. */
static bool is_flat(size_t count, const struct normal_equations *point)
{
  for (size_t i = 0; i < count; i++) {
    const double square = point->gradient[i] * point->gradient[i];
    const double bound = LM_SMALL_SQUARED_COSINE * point->matrix[triangle(i) + i];
    if (!(square <= bound * point->loss)) return false;
  }
  return true;
}

/* Makes the trial the network's parameters. */
static void accept_trial(size_t count, struct least_squares *network)
{
  double *value = network->value, *base = network->base;
  const struct normal_equations accepted = network->accepted;
  network->value = network->trial_value;
  network->trial_value = value;
  network->base = network->trial_base;
  network->trial_base = base;
  network->accepted = network->trial;
  network->trial = accepted;
  network->known = true;
  for (size_t i = 0; i < count; i++) {
    const double now = network->accepted.matrix[triangle(i) + i];
    if (now > network->diagonal[i]) network->diagonal[i] = now;
  }
}

static void stop(struct network_progress *at, uint32_t reason)
{
  at->status = CLFIT_STOPPED;
  at->sample = reason;
}

/* Counts an iteration, and ends the training if it is done. */
static void count_iteration(const struct network_task *task, const struct least_squares *network,
                            struct network_progress *at)
{
  at->epoch++;
  at->last_loss_high = (float)network->accepted.loss;
  at->last_loss_low =
      isfinite(at->last_loss_high) ? (float)(network->accepted.loss - (double)at->last_loss_high) : 0.0f;
  if (at->epoch == task->epochs) at->status = CLFIT_DONE;
}

/* Computes what belongs to parameters that are new in this process. It is the first iteration of a new training. */
static void begin(const struct network_task *task, struct network_progress *at, struct least_squares *network)
{
  const size_t count = LM_PARAMETERS(task->hidden);
  accept_trial(count, network);
  if (at->epoch > 0) return;
  if (!(network->accepted.loss < INFINITY)) {
    at->status = CLFIT_DIVERGED;
    return;
  }
  count_iteration(task, network, at);
  if (is_flat(count, &network->accepted)) stop(at, LM_FLAT);
}

static void end_iteration(const struct network_task *task, struct network_progress *at, struct least_squares *network,
                          bool solved)
{
  const size_t count = LM_PARAMETERS(task->hidden);
  const double before = network->accepted.loss, change = before - network->trial.loss;
  const bool lower = solved && network->trial.loss < before;
  if (lower) {
    accept_trial(count, network);
    network->projection = network->damping;
    network->small = change <= LM_SMALL_CHANGE * before ? network->small + 1.0 : 0.0;
  }
  count_iteration(task, network, at);
  network->damping *= lower ? LM_DAMPING_LOWER : LM_DAMPING_RAISE;
  if (network->damping < LM_DAMPING_MIN) network->damping = LM_DAMPING_MIN;
  if (lower && is_flat(count, &network->accepted))
    stop(at, LM_FLAT);
  else if (lower && change < (double)task->loss_tolerance)
    stop(at, LM_LOSS_TOLERANCE);
  else if (network->small >= LM_SMALL_STEPS)
    stop(at, LM_CONVERGED);
  else if (network->damping > LM_DAMPING_MAX)
    stop(at, LM_DAMPED);
}

void clfit_reference_least_squares(const struct network_task *task, clfit_activation activation,
                                   struct network_progress *at, struct least_squares *network,
                                   const struct weighted_samples *samples, uint32_t steps, uint32_t losses_kept,
                                   float *losses)
{
  assert(activation < sizeof differentiate / sizeof *differentiate && task->hidden <= LM_HIDDEN_MAX);
  const uint32_t first_epoch = at->epoch;
  while (steps > 0 && at->status == CLFIT_TRAINING) {
    const bool known = network->known, solved = known && make_trial(LM_PARAMETERS(task->hidden), network);
    const uint32_t epoch = at->epoch;
    if (!known) memcpy(network->trial_base, network->base, LM_PARAMETERS(task->hidden) * sizeof *network->base);
    evaluate_point(task, activation, samples, network->trial_base, network->derivatives, &network->trial);
    solve_output(task->hidden, known ? network->damping : network->projection, network);
    if (known)
      end_iteration(task, at, network, solved);
    else
      begin(task, at, network);
    if (at->epoch == epoch) continue;
    clfit_keep_loss(at, losses_kept, first_epoch, losses);
    steps--;
  }
}
