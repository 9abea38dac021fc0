/* Chebyshev's polynomials. */
#include "alternatives/gsl/kinds.h"

#include <assert.h>

void clfit_chebyshev_values(double t, size_t n, double *values)
{
  if (n > 0) values[0] = 1;
  if (n > 1) values[1] = t;
  for (size_t k = 2; k < n; k++) values[k] = 2 * t * values[k - 1] - values[k - 2];
}

/* The points are the inner loop: the recurrence of one point would wait for itself. */
void clfit_chebyshev_sums(size_t n, const float *c, size_t count, const double *t, double *s)
{
  assert(count <= CHEBYSHEV_BLOCK);
  double b1[CHEBYSHEV_BLOCK] = {0}, b2[CHEBYSHEV_BLOCK] = {0};
  for (size_t k = n; k-- > 1;) {
    double coefficient = (double)c[k];
    for (size_t i = 0; i < count; i++) {
      double b = 2 * t[i] * b1[i] + (coefficient - b2[i]);
      b2[i] = b1[i];
      b1[i] = b;
    }
  }
  double first = n > 0 ? (double)c[0] : 0;
  for (size_t i = 0; i < count; i++) s[i] = t[i] * b1[i] + (first - b2[i]);
}
