/* The rows and bounds of a comparison. */
#include "alternatives/columns.h"

#include "base/error.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Cells for the fits whose work grows with rows times constants, and for those by QR, which takes rows times the square
 * of the constants. */
#define FINE   8192
#define COARSE 2048
/* Rows on which a fit is tried before it is evaluated on all. */
#define SAMPLED 65536

void clfit_alternatives_options_default(clfit_alternatives_options *options)
{
  assert(options);
  *options = (clfit_alternatives_options){.size = sizeof *options};
}

static clfit_status read_options(struct comparison *comparison, const clfit_alternatives_options *options,
                                 clfit_error *error)
{
  assert(options && options->size == sizeof *options);
  double max_error = options->max_error, rmse = options->max_rmse;
  if (!(max_error >= 0) || !(rmse >= 0) || isinf(max_error) || isinf(rmse)) {
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a bound must be a positive number, or 0 for none");
  }
  comparison->bounded = max_error > 0 || rmse > 0;
  if (!comparison->bounded && options->bytes == 0) {
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "alternatives need a bound of the error or of their bytes");
  }
  comparison->max_error = max_error > 0 ? max_error : INFINITY;
  comparison->rmse = rmse > 0 ? rmse : INFINITY;
  comparison->bytes = options->bytes;
  return CLFIT_OK;
}

clfit_status clfit_comparison_create(struct comparison *comparison, size_t n, const double *x, const double *y,
                                     const double *weights, const clfit_alternatives_options *options,
                                     clfit_error *error)
{
  assert(n == 0 || (x && y));
  memset(comparison, 0, sizeof *comparison);
  clfit_status status = read_options(comparison, options, error);
  if (!status) status = clfit_points_sort(&comparison->rows, n, x, y, weights, error);
  if (status) return status;
  comparison->distinct = clfit_points_distinct(&comparison->rows);
  if (!clfit_points_choose(&comparison->rows, SAMPLED, &comparison->sampled) ||
      !clfit_points_thin(&comparison->rows, FINE, &comparison->fine) ||
      !clfit_points_thin(&comparison->rows, COARSE, &comparison->coarse)) {
    clfit_comparison_clear(comparison);
    return clfit_fail_memory(error);
  }
  return CLFIT_OK;
}

void clfit_comparison_clear(struct comparison *comparison)
{
  clfit_points_clear(&comparison->rows);
  clfit_points_clear(&comparison->sampled);
  clfit_points_clear(&comparison->fine);
  clfit_points_clear(&comparison->coarse);
}
