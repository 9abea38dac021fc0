/* A cubic spline with equally spaced breakpoints, as a sum of cardinal B-splines. They span the same curves as those
 * with repeated knots at the ends, and have the same formula in every interval. */
#include "alternatives/gsl/kinds.h"

#include <stdio.h>

static void weigh(double f, double values[4])
{
  double g = 1 - f;
  values[0] = g * g * g / 6;
  values[1] = (4 - 6 * f * f + 3 * f * f * f) / 6;
  values[2] = (4 - 6 * g * g + 3 * g * g * g) / 6;
  values[3] = f * f * f / 6;
}

static bool solve(struct fit *fit, const struct points *points)
{
  static const struct basis basis = {4, weigh};
  return clfit_banded_solve(&basis, fit, points);
}

/* The same as the sum with weigh's values, as a polynomial in the fraction: fewer operations. */
static void evaluate(void *context, size_t n, const double *x, double *z)
{
  const struct fit *fit = context;
  for (size_t k = 0; k < n; k++) {
    double f;
    const float *c = fit->c + clfit_interval(fit_position(fit, x[k]), fit->size - 3, &f);
    double c0 = (double)c[0], c1 = (double)c[1], c2 = (double)c[2], c3 = (double)c[3];
    double d0 = (c0 + c2 + 4 * c1) * (1.0 / 6);
    double d1 = (c2 - c0) * 0.5;
    double d2 = (c0 + c2 - 2 * c1) * 0.5;
    double d3 = (c3 - c0 + 3 * (c1 - c2)) * (1.0 / 6);
    z[k] = ((d3 * f + d2) * f + d1) * f + d0;
  }
}

/* Position 2, fraction 1; c0 + c2 1, d0 2, d1 2, d2 2, d3 4; the polynomial 3. */
static clfit_operations operations(const struct fit *fit)
{
  (void)fit;
  return (clfit_operations){.multiply_adds = 17, .compares = 1};
}

static void describe(const struct fit *fit, char *text, size_t size)
{
  snprintf(text, size, "%zu coefficients", fit->size);
}

const struct kind clfit_kind_spline = {.name = "spline",
                                       .least = 4,
                                       .most = SPLINE_MOST,
                                       .ends = 3,
                                       .splits = 1,
                                       .solve = solve,
                                       .evaluate = evaluate,
                                       .operations = operations,
                                       .describe = describe};
