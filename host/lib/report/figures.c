#include "clfit.h"

#include "base/strict.h"

#include <assert.h>
#include <math.h>

/* Replaces an infinite value by NaN. */
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

void clfit_figures_compute(size_t n, const double *z, const double *y, clfit_figures *figures)
{
  assert(figures && (n == 0 || (z && y)));
  *figures = (clfit_figures){.rss = NAN, .mse = NAN, .rmse = NAN, .max_error = NAN, .r2 = NAN};
  if (n == 0) return;
  double rss = 0, max_error = 0;
  for (size_t i = 0; i < n; i++) {
    double error = z[i] - y[i];
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
