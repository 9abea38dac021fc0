/* A table with linear interpolation. */
#include "alternatives/gsl/kinds.h"

#include <stdio.h>

static void weigh(double fraction, double values[4])
{
  values[0] = 1 - fraction;
  values[1] = fraction;
}

static bool solve(struct fit *fit, const struct points *points)
{
  static const struct basis basis = {2, weigh};
  return clfit_banded_solve(&basis, fit, points);
}

static void evaluate(void *context, size_t n, const double *x, double *z)
{
  const struct fit *fit = context;
  for (size_t k = 0; k < n; k++) {
    double fraction;
    const float *c = fit->c + clfit_interval(fit_position(fit, x[k]), fit->size - 1, &fraction);
    z[k] = (double)c[0] + fraction * ((double)c[1] - (double)c[0]);
  }
}

/* Position 2, fraction, difference of two nodes, and the step between them. */
static clfit_operations operations(const struct fit *fit)
{
  (void)fit;
  return (clfit_operations){.multiply_adds = 5, .compares = 1};
}

static void describe(const struct fit *fit, char *text, size_t size)
{
  snprintf(text, size, "%zu nodes", fit->size);
}

const struct kind clfit_kind_table = {.name = "table",
                                      .least = 2,
                                      .most = TABLE_MOST,
                                      .ends = 1,
                                      .splits = 1,
                                      .solve = solve,
                                      .evaluate = evaluate,
                                      .operations = operations,
                                      .describe = describe};
