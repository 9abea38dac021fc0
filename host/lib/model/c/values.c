/* What the exported functions return, computed here: for the errors that the header states, and its self-test. */
#include "model/c/c_export.h"

#include <math.h>

bool clfit_c_is_scaled(const struct c_export *export)
{
  const struct c_scaling *scaling = &export->scaling;
  return scaling->x_factor != 1 || scaling->x_offset != 0 || scaling->y_factor != 1 || scaling->y_offset != 0;
}

static double clamp(const struct c_export *export, double x)
{
  if (!export->options->clamp) return x;
  return x > (double)export->high ? (double)export->high : x > (double)export->low ? x : (double)export->low;
}

static float evaluate(const struct c_export *export, float x)
{
  float z;
  const double exact = x;
  clfit_state_evaluate(&export->model->state, 1, &exact, &z);
  return z;
}

void clfit_c_values(const struct c_export *export, size_t n, const float *x, float *y)
{
  for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) ? x[i] : evaluate(export, (float)clamp(export, (double)x[i]));
}

void clfit_c_values_double(const struct c_export *export, size_t n, const double *x, double *y)
{
  const struct c_scaling *by = &export->scaling;
  for (size_t i = 0; i < n; i++) {
    const double own = (clamp(export, x[i]) - by->x_offset) / by->x_factor;
    const double z = isnan(x[i]) ? x[i] : (double)evaluate(export, (float)own);
    y[i] = clfit_c_is_scaled(export) ? fma(z, by->y_factor, by->y_offset) : z;
  }
}
