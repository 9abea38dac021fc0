/* In place of the folder gsl, in builds with CLFIT_GSL=OFF. */
#include "base/error.h"

clfit_status clfit_alternatives_fit(size_t n, const double *x, const double *y, const double *weights,
                                    const clfit_alternatives_options *options, clfit_alternative **rows, size_t *count,
                                    clfit_error *error)
{
  (void)n, (void)x, (void)y, (void)weights, (void)options, (void)rows, (void)count;
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                    "alternatives are fitted with GSL, and this clfit was built without it (CLFIT_GSL=OFF)");
}
