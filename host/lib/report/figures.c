#include "config/activation.h"
#include "config/record.h"
#include "data/data.h"

#include <assert.h>
#include <math.h>

/* What is not finite is NaN. */
static double finite_or_nan(double value)
{
  return isfinite(value) ? value : NAN;
}

/* Sum of (y - mean y)^2; NaN if all y are equal, whatever the mean was rounded to. */
static double total_squares(size_t n, const double *y)
{
  double mean = 0, total = 0;
  bool equal = true;
  for (size_t i = 0; i < n; i++) mean += y[i];
  mean /= (double)n;
  for (size_t i = 0; i < n; i++) {
    double deviation = y[i] - mean;
    total += deviation * deviation;
    equal = equal && y[i] == y[0];
  }
  return equal ? NAN : finite_or_nan(total);
}

void clfit_figures_compute(size_t n, const float *z, const double *y, clfit_figures *figures)
{
  assert(figures && (n == 0 || (z && y)));
  *figures = (clfit_figures){.rss = NAN, .mse = NAN, .rmse = NAN, .max_error = NAN, .r2 = NAN};
  if (n == 0) return;
  double rss = 0, max_error = 0;
  for (size_t i = 0; i < n; i++) {
    double error = (double)z[i] - y[i];
    if (!isfinite(error)) return;
    rss += error * error;
    if (fabs(error) > max_error) max_error = fabs(error);
  }
  figures->rss = finite_or_nan(rss);
  figures->mse = finite_or_nan(rss / (double)n);
  figures->rmse = finite_or_nan(sqrt(rss / (double)n));
  figures->max_error = max_error;
  figures->r2 = finite_or_nan(1 - rss / total_squares(n, y));
}

/* Squared norm of the gradient of z at x by all parameters. */
static double gradient_norm(const clfit_state *state, const struct activation *activation, float x)
{
  uint32_t hidden = state->network.hidden;
  const float *w1 = state->parameters + clfit_plane_begin(PLANE_W1, hidden);
  const float *b1 = state->parameters + clfit_plane_begin(PLANE_B1, hidden);
  const float *w2 = state->parameters + clfit_plane_begin(PLANE_W2, hidden);
  double inner = 1 + (double)x * (double)x; /* of b1 and w1 */
  double norm = 0;
  for (uint32_t j = 0; j < hidden; j++) {
    float a = activation->value(fmaf(w1[j], x, b1[j]));
    double g = (double)w2[j] * (double)activation->slope(a);
    norm += (double)a * (double)a + g * g * inner;
  }
  return norm + 1; /* of b2 */
}

double clfit_state_stable_rate(const clfit_state *state, const clfit_data *data)
{
  assert(state && state->parameters && data && state->network.samples <= data->count);
  const struct activation *activation = clfit_activation_get(state->network.activation);
  double largest = 0;
  for (size_t i = 0; i < state->network.samples; i++) {
    double norm = gradient_norm(state, activation, data->x_float[i]);
    if (!isfinite(norm)) return NAN;
    if (norm > largest) largest = norm;
  }
  return 2 / largest;
}
