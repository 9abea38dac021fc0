#include "engine/reference/least_squares.h"

#include "base/error.h"
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
  const size_t count = LM_PARAMETERS(hidden), all = 7 * count + 3 * triangle(count);
  double *next = calloc(all, sizeof *next);
  if (!next) return clfit_fail_memory(error);
  *network = (struct least_squares){.memory = next, .damping = LM_DAMPING_FIRST};
  double **const vectors[] = {&network->value,          &network->diagonal,    &network->accepted.gradient,
                              &network->trial.gradient, &network->trial_value, &network->step,
                              &network->derivatives};
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

/* Activations a[j] and derivatives of z by W1, B1, W2 and B2 of one sample; returns z. */
#define DEFINE_DIFFERENTIATE(name)                                                                                     \
  WITH_FMA static double differentiate_##name(uint32_t hidden, const double *restrict p, double x, double *restrict d) \
  {                                                                                                                    \
    const double *w1 = p, *b1 = p + hidden, *w2 = p + 2 * (size_t)hidden;                                              \
    double *d_w1 = d, *d_b1 = d + hidden, *d_w2 = d + 2 * (size_t)hidden;                                              \
    for (uint32_t j = 0; j < hidden; j++) d_w2[j] = name##64(fma(w1[j], x, b1[j]));                                    \
    for (uint32_t j = 0; j < hidden; j++) {                                                                            \
      d_b1[j] = w2[j] * slope_##name##64(d_w2[j]);                                                                     \
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

/* Loss, gradient and matrix at `value`, each a sum in the order of the samples that begins at +0. */
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

/* ---- the step ------------------------------------------------------------------------------------------------ */

/* fma over the first n products, subtracted from `from` in rising order. */
static double subtract_products(double from, size_t n, const double *one, const double *other)
{
  for (size_t q = 0; q < n; q++) from = fma(-one[q], other[q], from);
  return from;
}

/* Marquardt's scaling of a parameter: 1 where its derivative has been zero so far. */
static double scale_of(double diagonal)
{
  return diagonal > 0.0 ? diagonal : 1.0;
}

/* The Cholesky factor L of the damped matrix, L L' = J'WJ + damping * scale. The diagonal of `factor` holds 1/L[i][i].
 * False: the matrix is not positive definite within rounding. */
static bool factorise(size_t count, struct least_squares *network)
{
  const double *matrix = network->accepted.matrix;
  for (size_t i = 0; i < count; i++) {
    double *row = network->factor + triangle(i);
    const double *of = matrix + triangle(i);
    for (size_t k = 0; k < i; k++) {
      const double *other = network->factor + triangle(k);
      row[k] = subtract_products(of[k], k, row, other) * other[k];
    }
    const double damped = fma(network->damping, scale_of(network->diagonal[i]), of[i]);
    const double pivot = subtract_products(damped, i, row, row);
    if (!(pivot > 0.0 && pivot < INFINITY)) return false;
    row[i] = 1.0 / sqrt(pivot);
  }
  return true;
}

/* Solves L L' step = -gradient. */
static void substitute(size_t count, struct least_squares *network)
{
  double *step = network->step;
  for (size_t i = 0; i < count; i++) {
    const double *row = network->factor + triangle(i);
    step[i] = subtract_products(-network->accepted.gradient[i], i, row, step) * row[i];
  }
  for (size_t i = count; i-- > 0;) {
    double rest = step[i];
    for (size_t q = count; q-- > i + 1;) rest = fma(-network->factor[triangle(q) + i], step[q], rest);
    step[i] = rest * network->factor[triangle(i) + i];
  }
}

/* The next parameters to try; false: the normal equations have no solution, and the trial is where the network is. */
static bool make_trial(size_t count, struct least_squares *network)
{
  const bool solved = factorise(count, network);
  if (solved) substitute(count, network);
  for (size_t i = 0; i < count; i++)
    network->trial_value[i] = solved ? network->value[i] + network->step[i] : network->value[i];
  return solved;
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
  double *value = network->value;
  const struct normal_equations accepted = network->accepted;
  network->value = network->trial_value;
  network->trial_value = value;
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
  at->last_loss_low = (float)(network->accepted.loss - (double)at->last_loss_high);
  if (at->epoch == task->epochs) at->status = CLFIT_DONE;
}

/* Computes what belongs to parameters that are new in this process. It is the first iteration of a new training. */
static void begin(const struct network_task *task, struct network_progress *at, struct least_squares *network)
{
  const size_t count = LM_PARAMETERS(task->hidden);
  memcpy(network->trial_value, network->value, count * sizeof *network->value);
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
  if (lower) accept_trial(count, network);
  count_iteration(task, network, at);
  network->damping *= lower ? LM_DAMPING_LOWER : LM_DAMPING_RAISE;
  if (network->damping < LM_DAMPING_MIN) network->damping = LM_DAMPING_MIN;
  if (lower && is_flat(count, &network->accepted))
    stop(at, LM_FLAT);
  else if (lower && change < (double)task->loss_tolerance)
    stop(at, LM_LOSS_TOLERANCE);
  else if (lower && change <= LM_SMALL_CHANGE * before)
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
  const size_t count = LM_PARAMETERS(task->hidden);
  while (steps > 0 && at->status == CLFIT_TRAINING) {
    const bool known = network->known, solved = known && make_trial(count, network);
    const uint32_t epoch = at->epoch;
    const double *where = known ? network->trial_value : network->value;
    evaluate_point(task, activation, samples, where, network->derivatives, &network->trial);
    if (known)
      end_iteration(task, at, network, solved);
    else
      begin(task, at, network);
    if (at->epoch == epoch) continue;
    clfit_keep_loss(at, losses_kept, first_epoch, losses);
    steps--;
  }
}
