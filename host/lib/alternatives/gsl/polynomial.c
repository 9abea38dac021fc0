/* A polynomial in Chebyshev's basis. */
#include "alternatives/gsl/kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The row of each point, times the root of its weight, and the right side. */
static void fill_system(const struct fit *fit, const struct points *points, double *a, double *b)
{
  for (size_t i = 0; i < points->n; i++) {
    double *row = a + i * fit->size, root = sqrt(points->w[i]);
    clfit_chebyshev_values(fit_position(fit, points->x[i]), fit->size, row);
    for (size_t k = 0; k < fit->size; k++) row[k] *= root;
    b[i] = root * points->y[i];
  }
}

static bool solve(struct fit *fit, const struct points *points)
{
  double *a = malloc(points->n * (fit->size + 1) * sizeof *a), c[POLYNOMIAL_MOST];
  if (!a) return false;
  double *b = a + points->n * fit->size;
  fill_system(fit, points, a, b);
  bool solved = clfit_dense_solve(points->n, fit->size, a, b, c);
  for (size_t k = 0; solved && k < fit->size; k++) fit->c[k] = (float)c[k];
  free(a);
  return solved;
}

static void evaluate(void *context, size_t n, const double *x, double *z)
{
  const struct fit *fit = context;
  double t[CHEBYSHEV_BLOCK];
  for (size_t i = 0; i < n; i += CHEBYSHEV_BLOCK) {
    size_t count = n - i < CHEBYSHEV_BLOCK ? n - i : CHEBYSHEV_BLOCK;
    for (size_t k = 0; k < count; k++) t[k] = fit_position(fit, x[i + k]);
    clfit_chebyshev_sums(fit->size, fit->c, count, t, z + i);
  }
}

/* Position 2, its double 1, and 2 for each coefficient but the first. A constant and a straight line need less. */
static clfit_operations operations(const struct fit *fit)
{
  uint32_t degree = (uint32_t)fit->size - 1;
  if (degree < 2) return (clfit_operations){.multiply_adds = 3 * degree};
  return (clfit_operations){.multiply_adds = 3 + 2 * degree};
}

static void describe(const struct fit *fit, char *text, size_t size)
{
  snprintf(text, size, "degree %zu", fit->size - 1);
}

const struct kind clfit_kind_polynomial = {.name = "polynomial",
                                           .least = 1,
                                           .most = POLYNOMIAL_MOST,
                                           .coarse = true,
                                           .splits = 1,
                                           .solve = solve,
                                           .evaluate = evaluate,
                                           .operations = operations,
                                           .describe = describe};
