/* Least squares by QR. */
#include "alternatives/gsl/kinds.h"

#include <gsl/gsl_linalg.h>
#include <math.h>

/* The smallest diagonal element of R, relative to the largest, of a system that is solved. */
#define RANK_MIN 1e-12

static bool is_regular(const gsl_matrix *qr)
{
  double smallest = INFINITY, largest = 0;
  for (size_t i = 0; i < qr->size2; i++) {
    double element = fabs(gsl_matrix_get(qr, i, i));
    if (!isfinite(element)) return false;
    smallest = fmin(smallest, element);
    largest = fmax(largest, element);
  }
  return smallest > RANK_MIN * largest;
}

bool clfit_dense_solve(size_t rows, size_t columns, double *a, double *b, double *c)
{
  if (rows < columns) return false;
  gsl_matrix_view matrix = gsl_matrix_view_array(a, rows, columns);
  gsl_vector_view right = gsl_vector_view_array(b, rows), solution = gsl_vector_view_array(c, columns);
  gsl_vector *tau = gsl_vector_alloc(columns), *residual = gsl_vector_alloc(rows);
  bool solved = tau && residual && gsl_linalg_QR_decomp(&matrix.matrix, tau) == GSL_SUCCESS &&
                is_regular(&matrix.matrix) &&
                gsl_linalg_QR_lssolve(&matrix.matrix, tau, &right.vector, &solution.vector, residual) == GSL_SUCCESS;
  gsl_vector_free(tau);
  gsl_vector_free(residual);
  return solved;
}
