/* Smaller largest errors by weights that grow with the errors: w = w |error| after each least squares (Lawson,
 * 1961). */
#include "alternatives/gsl/kinds.h"

#include <math.h>
#include <stdlib.h>

#define ITERATIONS 20
/* The least weight beside the mean one: a row without any would be lost, and a coefficient with it. */
#define WEIGHT_MIN 1e-6

/* Errors of a fit at points; returns the largest, INFINITY where one is not finite. */
static double errors_at(struct fit *fit, const struct points *points, double *errors)
{
  double largest = 0;
  fit->kind->evaluate(fit, points->n, points->x, errors);
  for (size_t i = 0; i < points->n; i++) {
    errors[i] -= points->y[i];
    double error = fabs(errors[i]);
    if (!(error <= largest)) largest = isfinite(error) ? error : INFINITY;
  }
  return largest;
}

static void copy_row(const struct points *rows, size_t row, struct points *chosen)
{
  size_t at = chosen->n++;
  chosen->x[at] = rows->x[row];
  chosen->y[at] = rows->y[row];
  chosen->w[at] = 1;
}

/* The rows with the largest and the smallest error of those from i to end - 1. */
static void choose_two(const struct points *rows, const double *errors, size_t i, size_t end, struct points *chosen)
{
  size_t high = i, low = i;
  for (size_t k = i; k < end; k++) {
    if (errors[k] > errors[high]) high = k;
    if (errors[k] < errors[low]) low = k;
  }
  copy_row(rows, low < high ? low : high, chosen);
  if (low != high) copy_row(rows, low < high ? high : low, chosen);
}

/* All rows, or of many those with the extreme errors of each group of neighbours. */
static bool choose_rows(const struct points *rows, size_t limit, struct fit *fit, struct points *chosen)
{
  double *errors = malloc(rows->n * sizeof *errors);
  if (!errors || !clfit_points_create(chosen, rows->n)) {
    free(errors);
    return false;
  }
  errors_at(fit, rows, errors);
  size_t group = rows->n <= limit ? 1 : (2 * rows->n + limit - 1) / limit;
  chosen->n = 0;
  for (size_t i = 0; i < rows->n; i += group) {
    choose_two(rows, errors, i, i + group < rows->n ? i + group : rows->n, chosen);
  }
  free(errors);
  return true;
}

/* w = w |error|, with the mean 1. */
static void reweigh(struct points *points, const double *errors)
{
  double sum = 0;
  for (size_t i = 0; i < points->n; i++) sum += points->w[i] * fabs(errors[i]);
  if (!(sum > 0) || isinf(sum)) return;
  double scale = (double)points->n / sum;
  for (size_t i = 0; i < points->n; i++) points->w[i] = fmax(points->w[i] * fabs(errors[i]) * scale, WEIGHT_MIN);
}

/* The weighted rmse of the weighted least squares: the largest error of no fit of that kind is smaller, because its
 * weighted rmse would be, too. Of a rational function, whose fit is not the best there is, this is a guess. */
static double least_possible(const struct points *points, const double *errors)
{
  double sum = 0, weights = 0;
  for (size_t i = 0; i < points->n; i++) {
    sum += points->w[i] * errors[i] * errors[i];
    weights += points->w[i];
  }
  return sqrt(sum / weights);
}

static bool iterate(const struct lawson *lawson, struct points *points, double *errors, struct fit *work,
                    struct fit *best)
{
  double least = errors_at(work, points, errors);
  for (unsigned i = 0; i < ITERATIONS && isfinite(least); i++) {
    reweigh(points, errors);
    if (!work->kind->solve(work, points)) return false;
    double largest = errors_at(work, points, errors);
    if (largest < least) {
      least = largest;
      *best = *work;
      if (lawson->accept(lawson->context, best, least)) return true;
    }
    if (!(least_possible(points, errors) <= lawson->bound)) return false;
  }
  return false;
}

bool clfit_lawson_improve(const struct lawson *lawson, const struct points *rows, struct fit *fit)
{
  struct points points;
  if (!choose_rows(rows, lawson->limit, fit, &points)) return false;
  double *errors = malloc(points.n * sizeof *errors);
  struct fit *work = malloc(sizeof *work);
  bool accepted = false;
  if (errors && work) {
    *work = *fit;
    accepted = iterate(lawson, &points, errors, work, fit);
  }
  free(errors);
  free(work);
  clfit_points_clear(&points);
  return accepted;
}
