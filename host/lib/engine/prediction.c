/* Predictions in the samples' own units. */
#include "base/error.h"

#include "base/strict.h"

#include <assert.h>
#include <stdlib.h>

#define AT_ONCE 256 /* points that a state is evaluated at between two scalings */

void clfit_state_predict(const clfit_state *state, const clfit_scaling *scaling, size_t n, const double *x, double *z)
{
  double scaled[AT_ONCE];
  float answers[AT_ONCE];
  for (size_t k = 0; k < n; k += AT_ONCE) {
    size_t count = n - k < AT_ONCE ? n - k : AT_ONCE;
    clfit_scaling_scale_x(scaling, count, x + k, scaled);
    clfit_state_evaluate(state, count, scaled, answers);
    clfit_scaling_undo_y(scaling, count, answers, z + k);
  }
}

clfit_status clfit_population_predict(clfit_population *population, size_t n, const uint32_t *slots,
                                      const clfit_scaling *scaling, size_t n_x, const double *x, double *z,
                                      clfit_error *error)
{
  assert(n_x == 0 || n <= SIZE_MAX / sizeof(double) / n_x); /* z has room for them */
  double *scaled = malloc((n_x ? n_x : 1) * sizeof *scaled);
  float *answers = malloc((n && n_x ? n * n_x : 1) * sizeof *answers);
  clfit_status status = scaled && answers ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) {
    clfit_scaling_scale_x(scaling, n_x, x, scaled);
    status = clfit_population_evaluate(population, n, slots, n_x, scaled, answers, error);
  }
  if (!status) clfit_scaling_undo_y(scaling, n * n_x, answers, z);
  free(scaled);
  free(answers);
  return status;
}
