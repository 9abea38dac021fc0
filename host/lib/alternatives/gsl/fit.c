/* The smallest fit of each kind that reaches the bounds, or the largest within a number of bytes. */
#include "alternatives/columns.h"
#include "alternatives/gsl/kinds.h"

#include "base/error.h"

#include <assert.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

/* Sizes up to here are all tried; above, the step is this fraction of the size. */
#define SIZE_FRACTION 16
#define SIZES_ALL     32

/* Lawson's iteration is tried where the largest error of the least squares is at most so many times the bound. The best
 * fit's largest error is seldom less than a third of it. */
#define LAWSON_REACH 4
/* Rows that it works on: QR takes rows times the square of the coefficients. */
#define LAWSON_ROWS        8192
#define LAWSON_ROWS_COARSE 1024

/* An rmse on some of the rows (65,536) differs by its statistical error, about 1/sqrt(2*65536) = 0.3 %, from that on
 * all. */
#define SAMPLE_SLACK 1.02

struct search {
  const struct comparison *comparison;
  const struct kind *kind;
  size_t most;       /* the largest size */
  struct fit *fit;   /* in work */
  struct fit *best;  /* the one that is met, else the nearest */
  double shortfall;  /* of the best: largest ratio of an error to its bound; at most 1: met; INFINITY: none yet */
  struct fit *saved; /* a copy to evaluate */
};

/* Largest ratio of an error to its bound. */
static double shortfall_on(const struct search *search, const struct points *points, struct fit *fit)
{
  double rmse, max_error;
  clfit_curve_errors(points, fit->kind->evaluate, fit, &rmse, &max_error);
  return fmax(rmse / search->comparison->rmse, max_error / search->comparison->max_error);
}

/* On some rows first, and on all only where those reach the bounds: else it is at least what they say. */
static double shortfall_of(const struct search *search, struct fit *fit)
{
  const struct comparison *comparison = search->comparison;
  double shortfall = shortfall_on(search, &comparison->sampled, fit);
  double slack = isinf(comparison->max_error) ? SAMPLE_SLACK : 1;
  if (comparison->sampled.n == comparison->rows.n || shortfall > slack) return shortfall;
  return shortfall_on(search, &comparison->rows, fit);
}

/* Keeps a fit that is nearer to the bounds; whether it reaches them. */
static bool keep(struct search *search, const struct fit *fit, double shortfall)
{
  if (shortfall < search->shortfall) {
    search->shortfall = shortfall;
    *search->best = *fit;
  }
  return shortfall <= 1;
}

static bool accept(void *context, const struct fit *fit, double largest)
{
  struct search *search = context;
  double shortfall = largest / search->comparison->max_error;
  *search->saved = *fit;
  if (shortfall <= 1) shortfall = fmax(shortfall, shortfall_of(search, search->saved));
  return keep(search, fit, shortfall);
}

static bool improve(struct search *search, double shortfall)
{
  const struct comparison *comparison = search->comparison;
  if (isinf(comparison->max_error) || shortfall > LAWSON_REACH) return false;
  size_t limit = search->kind->coarse ? LAWSON_ROWS_COARSE : LAWSON_ROWS;
  struct lawson lawson = {limit, comparison->max_error, accept, search};
  return clfit_lawson_improve(&lawson, &comparison->rows, search->fit);
}

/* The least squares of a size and split in search->fit. */
static bool solve(struct search *search, size_t size, size_t split)
{
  const struct comparison *comparison = search->comparison;
  const struct kind *kind = search->kind;
  const struct points *rows = &comparison->rows;
  struct fit *fit = search->fit;
  *fit = (struct fit){.kind = kind, .size = size};
  if (kind->divide && !kind->divide(fit, split)) return false;
  clfit_fit_scale(fit, rows->x[0], rows->x[rows->n - 1], kind->ends > 0 ? size - kind->ends : 0);
  return kind->solve(fit, kind->coarse ? &comparison->coarse : &comparison->fine);
}

/* Whether a fit of that size reaches the bounds. */
static bool try_size(struct search *search, size_t size)
{
  for (size_t split = 0; split < search->kind->splits; split++) {
    if (!solve(search, size, split)) continue;
    double shortfall = shortfall_of(search, search->fit);
    if (keep(search, search->fit, shortfall) || improve(search, shortfall)) return true;
  }
  return false;
}

/* Tries sizes upwards until one reaches the bounds; *missed: the last that did not. */
static bool go_up(struct search *search, size_t *missed)
{
  *missed = search->kind->least - 1;
  for (size_t size = search->kind->least; size <= search->most;) {
    if (try_size(search, size)) return true;
    *missed = size;
    if (size == search->most) return false;
    size_t next = size < SIZES_ALL ? size + 1 : size + size / SIZE_FRACTION;
    size = next < search->most ? next : search->most;
  }
  return false;
}

static void find_smallest(struct search *search)
{
  size_t missed;
  if (!go_up(search, &missed)) return;
  size_t reached = search->best->size;
  /* A smaller one that is met replaces it, however near to the bound; one that is not does not. */
  search->shortfall = nextafter(1, 2);
  for (size_t size = missed + 1; size < reached; size++) {
    if (try_size(search, size)) return;
  }
}

/* All variants of a size; the one with the smallest rmse of all so far is kept. */
static void try_rmse(struct search *search, size_t size)
{
  for (size_t split = 0; split < search->kind->splits; split++) {
    if (!solve(search, size, split)) continue;
    double rmse, max_error;
    clfit_curve_errors(&search->comparison->rows, search->kind->evaluate, search->fit, &rmse, &max_error);
    keep(search, search->fit, rmse);
  }
}

/* The largest size that can be solved. A kind with variants, whose iteration need not find the best fit, is tried with
 * all sizes: a larger one may be worse. */
static void find_largest(struct search *search)
{
  size_t constants = search->comparison->bytes / sizeof(float);
  size_t affordable = constants > FIT_CONSTANTS ? constants - FIT_CONSTANTS : 0;
  size_t size = affordable < search->most ? affordable : search->most;
  for (; size >= search->kind->least; size--) {
    if (search->kind->splits == 1 && search->shortfall < INFINITY) return;
    try_rmse(search, size);
  }
}

static void fill_row(const struct search *search, clfit_alternative *row)
{
  clfit_alternative_clear(row, search->kind->name);
  if (isinf(search->shortfall)) return;
  struct fit *fit = search->best;
  fit->kind->describe(fit, row->description, sizeof row->description);
  row->parameters = fit->size + FIT_CONSTANTS;
  row->bytes = row->parameters * sizeof(float);
  row->operations = fit->kind->operations(fit);
  clfit_alternative_measure(search->comparison, fit->kind->evaluate, fit, row);
}

/* fits: [3], to work with. */
static void find(const struct comparison *comparison, const struct kind *kind, struct fit *fits, clfit_alternative *row)
{
  size_t most = kind->most < comparison->distinct ? kind->most : comparison->distinct;
  struct search search = {comparison, kind, most, &fits[0], &fits[1], INFINITY, &fits[2]};
  if (comparison->bounded) {
    find_smallest(&search);
  } else {
    find_largest(&search);
  }
  fill_row(&search, row);
}

clfit_status clfit_alternatives_fit(size_t n, const double *x, const double *y, const double *weights,
                                    const clfit_alternatives_options *options, clfit_alternative **rows, size_t *count,
                                    clfit_error *error)
{
  assert(rows && count);
  gsl_set_error_handler_off();
  struct comparison comparison;
  clfit_status status = clfit_comparison_create(&comparison, n, x, y, weights, options, error);
  if (status) return status;
  struct fit *fits = malloc(3 * sizeof *fits);
  clfit_alternative *all = malloc(CLFIT_KINDS * sizeof *all);
  if (fits && all) {
    for (size_t i = 0; i < CLFIT_KINDS; i++) find(&comparison, clfit_kind_get(i), fits, &all[i]);
    *rows = all;
    *count = CLFIT_KINDS;
  } else {
    free(all);
    status = clfit_fail_memory(error);
  }
  free(fits);
  clfit_comparison_clear(&comparison);
  return status;
}
