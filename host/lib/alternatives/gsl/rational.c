/* A rational function p/q, both in Chebyshev's basis, q beginning with 1. */
#include "alternatives/gsl/kinds.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Iterations of Sanathanan and Koerner, from q = 1, and from an earlier solution. */
#define ITERATIONS      10
#define ITERATIONS_WARM 3

/* The second iteration that does not lower the sum of squares by at least this fraction is the last. */
#define PROGRESS 1e-4

/* An interval whose middle does not prove that q has no zero in it is halved, so many times. */
#define HALVINGS 16

/* c: the numerator's coefficients, then those of the denominator from T_1 on. */
static size_t denominator_count(const struct fit *fit)
{
  return fit->size - fit->split;
}

static void denominator(const struct fit *fit, float q[RATIONAL_MOST + 1])
{
  q[0] = 1;
  for (size_t k = 0; k < denominator_count(fit); k++) q[k + 1] = fit->c[fit->split + k];
}

/* |q'| on [-1, 1] is at most the sum of k^2 |q_k|. */
static double steepest(size_t n, const float *q)
{
  double sum = 0;
  for (size_t k = 1; k < n; k++) sum += (double)(k * k) * fabs((double)q[k]);
  return sum;
}

/* Whether q is proven to have no zero within half a width of the middle. */
static bool has_no_zero(size_t n, const float *q, double slope, double middle, double half, unsigned halvings)
{
  double value;
  clfit_chebyshev_sums(n, q, 1, &middle, &value);
  if (!isfinite(value)) return false;
  if (fabs(value) > half * slope) return true;
  if (halvings == 0) return false;
  half /= 2;
  return has_no_zero(n, q, slope, middle - half, half, halvings - 1) &&
         has_no_zero(n, q, slope, middle + half, half, halvings - 1);
}

static bool has_no_pole(const struct fit *fit)
{
  float q[RATIONAL_MOST + 1];
  size_t n = denominator_count(fit) + 1;
  denominator(fit, q);
  return has_no_zero(n, q, steepest(n, q), 0, 1, HALVINGS);
}

/* values: T_k at a point. */
static double denominator_at(const struct fit *fit, const double *values)
{
  double q = 1;
  for (size_t k = 1; k <= denominator_count(fit); k++) q += (double)fit->c[fit->split + k - 1] * values[k];
  return q;
}

static double largest_value(const struct points *points)
{
  double largest = 0;
  for (size_t i = 0; i < points->n; i++) largest = fmax(largest, fabs(points->y[i]));
  return largest > 0 ? largest : 1;
}

/* p(t) - y (q(t) - 1) = y, each row times sqrt(w)/|q(t)| of the iteration before; y in units of `unit`. */
static void fill_system(const struct fit *fit, const struct points *points, double unit, double *a, double *b)
{
  for (size_t i = 0; i < points->n; i++) {
    double *row = a + i * fit->size, values[RATIONAL_MOST + 1];
    double t = fit_position(fit, points->x[i]), y = points->y[i] / unit;
    clfit_chebyshev_values(t, denominator_count(fit) + fit->split + 1, values);
    double root = sqrt(points->w[i]) / fabs(denominator_at(fit, values));
    for (size_t k = 0; k < fit->split; k++) row[k] = root * values[k];
    for (size_t k = 1; k <= denominator_count(fit); k++) row[fit->split + k - 1] = -root * y * values[k];
    b[i] = root * y;
  }
}

static bool iterate(struct fit *fit, const struct points *points, double unit, double *a)
{
  double c[RATIONAL_MOST], *b = a + points->n * fit->size;
  fill_system(fit, points, unit, a, b);
  if (!clfit_dense_solve(points->n, fit->size, a, b, c)) return false;
  for (size_t k = 0; k < fit->size; k++) fit->c[k] = (float)(k < fit->split ? c[k] * unit : c[k]);
  return true;
}

static void evaluate(void *context, size_t n, const double *x, double *z)
{
  const struct fit *fit = context;
  double t[CHEBYSHEV_BLOCK], below[CHEBYSHEV_BLOCK];
  float q[RATIONAL_MOST + 1];
  denominator(fit, q);
  for (size_t i = 0; i < n; i += CHEBYSHEV_BLOCK) {
    size_t count = n - i < CHEBYSHEV_BLOCK ? n - i : CHEBYSHEV_BLOCK;
    for (size_t k = 0; k < count; k++) t[k] = fit_position(fit, x[i + k]);
    clfit_chebyshev_sums(fit->split, fit->c, count, t, z + i);
    clfit_chebyshev_sums(denominator_count(fit) + 1, q, count, t, below);
    for (size_t k = 0; k < count; k++) z[i + k] /= below[k];
  }
}

/* Weighted sum of squared errors; INFINITY with a pole. */
static double squares(struct fit *fit, const struct points *points)
{
  if (!has_no_pole(fit)) return INFINITY;
  double sum = 0, z[CHEBYSHEV_BLOCK];
  for (size_t i = 0; i < points->n; i += CHEBYSHEV_BLOCK) {
    size_t count = points->n - i < CHEBYSHEV_BLOCK ? points->n - i : CHEBYSHEV_BLOCK;
    evaluate(fit, count, points->x + i, z);
    for (size_t k = 0; k < count; k++) {
      double error = z[k] - points->y[i + k];
      sum += points->w[i + k] * error * error;
    }
  }
  return isfinite(sum) ? sum : INFINITY;
}

/* The best of the iterations, which need not converge. */
static bool solve_within(struct fit *fit, const struct points *points, double *a, float *best)
{
  double least = INFINITY, unit = largest_value(points);
  unsigned iterations = fit->warm ? ITERATIONS_WARM : ITERATIONS, idle = 0;
  if (!fit->warm) {
    for (size_t k = 0; k < fit->size; k++) fit->c[k] = 0;
  }
  for (unsigned i = 0; i < iterations && iterate(fit, points, unit, a); i++) {
    double sum = squares(fit, points);
    bool progress = sum < (1 - PROGRESS) * least;
    if (sum < least) {
      least = sum;
      for (size_t k = 0; k < fit->size; k++) best[k] = fit->c[k];
    }
    if (!progress && isfinite(sum) && ++idle == 2) break;
  }
  for (size_t k = 0; least < INFINITY && k < fit->size; k++) fit->c[k] = best[k];
  return least < INFINITY;
}

static bool solve(struct fit *fit, const struct points *points)
{
  float best[RATIONAL_MOST];
  double *a = malloc(points->n * (fit->size + 1) * sizeof *a);
  if (!a) return false;
  fit->warm = solve_within(fit, points, a, best);
  free(a);
  return fit->warm;
}

/* Degrees as equal as the size allows, and one coefficient moved to either side. */
static bool divide(struct fit *fit, size_t i)
{
  static const int moved[] = {0, 1, -1};
  assert(i < sizeof moved / sizeof *moved);
  long split = (long)(fit->size + 1) / 2 + moved[i];
  fit->split = (size_t)split;
  return split >= 1 && split < (long)fit->size;
}

/* Position 2, its double 1, and 2 for each coefficient but p's first. */
static clfit_operations operations(const struct fit *fit)
{
  return (clfit_operations){.multiply_adds = 3 + 2 * (uint32_t)(fit->size - 1), .divisions = 1};
}

static void describe(const struct fit *fit, char *text, size_t size)
{
  snprintf(text, size, "degree %zu over %zu", fit->split - 1, denominator_count(fit));
}

const struct kind clfit_kind_rational = {.name = "rational",
                                         .least = 2,
                                         .most = RATIONAL_MOST,
                                         .coarse = true,
                                         .splits = 3,
                                         .divide = divide,
                                         .solve = solve,
                                         .evaluate = evaluate,
                                         .operations = operations,
                                         .describe = describe};
