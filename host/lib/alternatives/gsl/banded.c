/* Least squares with a local basis, through banded normal equations. */
#include "alternatives/gsl/kinds.h"

#include <assert.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

/* The weight of the coefficients' second differences beside the mean diagonal: first so small that it changes no digit
 * of a float32, then growing by STIFFER until a gap in the rows leaves a system that can be solved. */
#define STIFFNESS 1e-13
#define STIFFER   100
#define ATTEMPTS  6
/* The smallest pivot, relative to the largest, that is no rounding error. */
#define PIVOT_MIN 1e-13

/* Bands: the diagonal and as many below it as two neighbours in the basis, or in a second difference, are apart. */
#define BANDS 4

size_t clfit_interval(double u, size_t intervals, double *fraction)
{
  size_t i = u > 0 ? (size_t)u : 0;
  if (i > intervals - 1) i = intervals - 1;
  *fraction = u - (double)i;
  return i;
}

/* matrix(i, k) is the element in row i + k, column i. */
static void add_row(const struct basis *basis, const struct fit *fit, double x, double y, double w, gsl_matrix *matrix,
                    gsl_vector *right)
{
  double values[4], fraction;
  size_t first = clfit_interval(fit_position(fit, x), fit->size - basis->width + 1, &fraction);
  basis->weigh(fraction, values);
  for (size_t i = 0; i < basis->width; i++) {
    *gsl_vector_ptr(right, first + i) += w * values[i] * y;
    for (size_t k = i; k < basis->width; k++) {
      *gsl_matrix_ptr(matrix, first + i, k - i) += w * values[i] * values[k];
    }
  }
}

static void add_rows(const struct basis *basis, const struct fit *fit, const struct points *points, gsl_matrix *matrix,
                     gsl_vector *right)
{
  gsl_matrix_set_zero(matrix);
  gsl_vector_set_zero(right);
  for (size_t i = 0; i < points->n; i++) {
    add_row(basis, fit, points->x[i], points->y[i], points->w[i], matrix, right);
  }
}

static void add_stiffness(gsl_matrix *matrix, double stiffness)
{
  static const double difference[3] = {1, -2, 1};
  for (size_t first = 0; first + 2 < matrix->size1; first++) {
    for (size_t i = 0; i < 3; i++) {
      for (size_t k = i; k < 3; k++) {
        *gsl_matrix_ptr(matrix, first + i, k - i) += stiffness * difference[i] * difference[k];
      }
    }
  }
}

static double mean_diagonal(const gsl_matrix *matrix)
{
  double sum = 0;
  for (size_t i = 0; i < matrix->size1; i++) sum += gsl_matrix_get(matrix, i, 0);
  return sum / (double)matrix->size1;
}

/* Whether the factor's diagonal is far enough from 0. */
static bool is_regular(const gsl_matrix *factor)
{
  double smallest = INFINITY, largest = 0;
  for (size_t i = 0; i < factor->size1; i++) {
    double pivot = gsl_matrix_get(factor, i, 0);
    if (!(pivot > 0)) return false;
    smallest = fmin(smallest, pivot);
    largest = fmax(largest, pivot);
  }
  return smallest * smallest > PIVOT_MIN * largest * largest;
}

static bool factorise(const gsl_matrix *matrix, gsl_matrix *factor)
{
  double stiffness = STIFFNESS * mean_diagonal(matrix);
  for (unsigned i = 0; i < ATTEMPTS; i++, stiffness *= STIFFER) {
    gsl_matrix_memcpy(factor, matrix);
    add_stiffness(factor, stiffness);
    if (gsl_linalg_cholesky_band_decomp(factor) == GSL_SUCCESS && is_regular(factor)) return true;
  }
  return false;
}

bool clfit_banded_solve(const struct basis *basis, struct fit *fit, const struct points *points)
{
  assert(fit->size >= basis->width);
  size_t bands = fit->size < BANDS ? fit->size : BANDS;
  gsl_matrix *matrix = gsl_matrix_alloc(fit->size, bands), *factor = gsl_matrix_alloc(fit->size, bands);
  gsl_vector *c = gsl_vector_alloc(fit->size);
  bool solved = false;
  if (matrix && factor && c) {
    add_rows(basis, fit, points, matrix, c);
    solved = factorise(matrix, factor) && gsl_linalg_cholesky_band_svx(factor, c) == GSL_SUCCESS;
  }
  for (size_t i = 0; solved && i < fit->size; i++) fit->c[i] = (float)gsl_vector_get(c, i);
  gsl_matrix_free(matrix);
  gsl_matrix_free(factor);
  gsl_vector_free(c);
  return solved;
}
